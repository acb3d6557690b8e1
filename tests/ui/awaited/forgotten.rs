// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Outline>(research) {
        let outline = outline(&research)?;
        Ok(outline)
    }
}

fn main() {}
