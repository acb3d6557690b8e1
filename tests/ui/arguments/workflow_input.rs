// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Inner<Research -> Outline>(research) {
        Ok(outline(&research).await?)
    }
}

workflow! {
    Outer<Research -> Outline>(research) {
        let outline = Inner(research.notes).await?;
        Ok(outline)
    }
}

fn main() {}
