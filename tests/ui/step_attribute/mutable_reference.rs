// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch(brief: &mut Brief) -> Result<String, LlmError> {
    Ok(brief.topic.split_off(1))
}

fn main() {}
