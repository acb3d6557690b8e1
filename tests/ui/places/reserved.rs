// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn start(brief: &Brief) -> Result<u32, LlmError> {
    Ok(brief.topic.len() as u32)
}

workflow! {
    Write<Brief -> u32>(brief) {
        Ok(start(&brief).await?)
    }
}

fn main() {}
