// errors: 2, one each
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(retries = "three", timeout = 5)]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
