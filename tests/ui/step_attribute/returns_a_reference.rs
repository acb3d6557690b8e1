// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch(brief: &Brief) -> Result<&str, LlmError> {
    Ok(&brief.topic)
}

fn main() {}
