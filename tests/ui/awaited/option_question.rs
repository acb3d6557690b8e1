// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Outline>(research) {
        let notes: String = research.notes.clone()?;
        let outline = outline(&research).await?;
        Ok(Outline { title: outline.title + &notes })
    }
}

fn main() {}
