// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

async fn work(_: &str) {}

#[step]
async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    let shared = std::rc::Rc::new(brief.topic.clone());
    work(&shared).await;
    Ok(shared.to_string())
}

fn main() {}
