// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Research>(brief) {
        Ok(research.await?)
    }
}

fn main() {}
