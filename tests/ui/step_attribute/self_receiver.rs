// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

impl App {
    #[step]
    async fn fetch(&self, brief: &Brief) -> Result<String, LlmError> {
        Ok(brief.topic.clone())
    }
}

fn main() {}
