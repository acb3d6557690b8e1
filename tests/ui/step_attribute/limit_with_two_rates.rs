// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(limit = "llm: 10/s, 100/m")]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
