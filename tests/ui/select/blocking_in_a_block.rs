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
            size = #[at(resized)] async {
                let fine = check(&draft).await?;
                Ok(resize(&draft).await? + u32::from(fine))
            } => size?,
            _ = editor_review(&draft) => 2,
        };
        Ok(n)
    }
}

fn main() {}
