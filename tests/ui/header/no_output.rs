// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief>(brief) {
        Ok(research(&brief).await?)
    }
}

fn main() {}
