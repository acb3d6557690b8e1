// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        if editor_review(&draft).await? {
            return Ok(revise(&draft, "shorter").await?);
        }
        Ok(draft)
    }
}

fn main() {}
