// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Research>(brief) {
        Ok(research(&brief).await?)
    }

    Outlined<Research -> Outline>(research) {
        Ok(outline(&research).await?)
    }
}

fn main() {}
