// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Outline>(research) {
        let notes: Option<String> = research.notes;
        let outline = outline(&research).await?;
        Ok(Outline { title: outline.title + &notes.unwrap_or_default() })
    }
}

fn main() {}
