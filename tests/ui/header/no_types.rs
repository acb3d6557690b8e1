// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write(brief) {
        Ok(research(&brief).await?)
    }
}

fn main() {}
