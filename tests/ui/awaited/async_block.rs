// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Research>(brief) {
        Ok(async { research(&brief).await }.await?)
    }
}

fn main() {}
