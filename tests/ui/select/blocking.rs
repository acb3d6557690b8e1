// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(blocking)]
fn resize(draft: &Draft) -> Result<u32, LlmError> {
    Ok(draft.text.len() as u32)
}

workflow! {
    Write<Draft -> u32>(draft) {
        let n: u32 = select! {
            size = resize(&draft) => size?,
            _ = editor_review(&draft) => 2,
        };
        Ok(n)
    }
}

fn main() {}
