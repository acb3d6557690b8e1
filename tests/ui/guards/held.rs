// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

struct Span;

impl Drop for Span {
    fn drop(&mut self) {}
}

workflow! {
    Write<Research -> Outline>(research) {
        let _span = Span;
        let outline = outline(&research).await?;
        Ok(outline)
    }
}

fn main() {}
