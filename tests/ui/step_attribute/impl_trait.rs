// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch(brief: impl ToString) -> Result<String, LlmError> {
    Ok(brief.to_string())
}

fn main() {}
