// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

async fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

workflow! {
    Write<Brief -> String>(brief) {
        Ok(fetch(&brief).await?)
    }
}

fn main() {}
