// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> String>(brief) {
        let research = research(&brief).await?;
        let outline = outline(&research).await?;
        Ok(brief.topic)
    }
}

fn main() {}
