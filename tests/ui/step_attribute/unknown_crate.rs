// errors: 2
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(crate = ::flow)]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
