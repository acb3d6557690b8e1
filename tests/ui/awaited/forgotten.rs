// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Research>(brief) {
        let research = research(&brief)?;
        Ok(research)
    }
}

fn main() {}
