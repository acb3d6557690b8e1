// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    let topic: u32 = brief.topic;
    Ok(topic.to_string())
}

fn main() {}
