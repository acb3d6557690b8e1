// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Outline>(research) {
        let mut outline = outline(&research).await?;
        Ok(outline)
    }
}

fn main() {}
