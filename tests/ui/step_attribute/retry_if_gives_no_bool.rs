// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(retries = 3, retry_if = |error| error.to_string())]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
