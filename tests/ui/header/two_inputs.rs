// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Research>(brief, llm) {
        Ok(research(&brief).await?)
    }
}

fn main() {}
