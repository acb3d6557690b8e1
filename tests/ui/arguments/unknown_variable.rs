// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Outline>(brief) {
        let research = research(&brief).await?;
        let outline = outline(&reserch).await?;
        Ok(outline)
    }
}

fn main() {}
