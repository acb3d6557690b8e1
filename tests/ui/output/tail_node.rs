// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Draft>(research) {
        outline(&research).await
    }
}

fn main() {}
