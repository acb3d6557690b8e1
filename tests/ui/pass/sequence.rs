#![deny(warnings)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Sequence<Brief -> Outline>(brief) {
        let research = research(&brief).await?;
        outline(&research).await
    }
}

fn main() {}
