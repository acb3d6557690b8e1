// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Outline>(research) {
        let page: Result<u32, LlmError> = Err(LlmError);
        let outline = outline(&research).await?;
        page?;
        Ok(outline)
    }
}

fn main() {}
