// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(limit = "llm: 0")]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
