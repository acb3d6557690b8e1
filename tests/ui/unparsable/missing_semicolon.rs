// errors: 2, as rustc has it for a `let` in the wrong place
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Outline>(brief) {
        let research = research(&brief).await?
        let outline = #[at(first)] outline(&research).await?;
        Ok(outline)
    }
}

fn main() {}
