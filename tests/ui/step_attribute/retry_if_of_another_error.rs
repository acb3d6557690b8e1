// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

fn is_full(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::StorageFull
}

#[step(retries = 3, retry_if = is_full)]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

fn main() {}
