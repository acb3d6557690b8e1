// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(backoff = "1s")]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
