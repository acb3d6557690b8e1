// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> String>(research) {
        let outline = outline(&research).await;
        Ok(outline.title)
    }
}

fn main() {}
