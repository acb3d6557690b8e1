// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(blocking)]
fn fetch(brief: &Brief, #[resource] llm: &Llm) -> Result<String, LlmError> {
    let _ = llm;
    Ok(brief.topic.clone())
}

fn main() {}
