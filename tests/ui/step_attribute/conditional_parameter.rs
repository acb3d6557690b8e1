// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch(brief: &Brief, #[cfg(windows)] drive: char) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
