// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Outline>(research) {
        let outline = outlin(&research).await?;
        Ok(outline)
    }
}

fn main() {}
