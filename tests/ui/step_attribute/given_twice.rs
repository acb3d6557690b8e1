// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(retries = 3, timeout = "1m", retries = 4)]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
