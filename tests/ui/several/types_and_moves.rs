// errors: 4, each another mistake
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Outline>(brief) {
        let research = research(&brief).await?;
        let outline = outline(&research, 1).await?;
        let seo: u32 = seo(&brief).await?;
        Ok(outlin)
    }
}

fn main() {}
