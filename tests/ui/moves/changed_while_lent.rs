// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Outline>(mut research) {
        let notes = &research.notes;
        research.notes = None;
        let outline = outline(&research).await?;
        Ok(Outline { title: format!("{notes:?} {outline:?}") })
    }
}

fn main() {}
