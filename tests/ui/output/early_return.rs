// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        if check(&draft).await? {
            return Ok(draft.text);
        }
        Ok(revise(&draft, "shorter").await?)
    }
}

fn main() {}
