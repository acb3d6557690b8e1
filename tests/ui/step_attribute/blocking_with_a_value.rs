// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(blocking = true)]
fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
