// errors: 2, rustc looks for the name among types and among values
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
