// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
fn fetch(brief: &Brief) -> Result<String, LlmError> {
    Ok(brief.topic.clone())
}

workflow! {
    Fetch<Brief -> String>(brief) {
        let text = fetch(&brief).await?;
        Ok(text)
    }
}

fn main() {}
