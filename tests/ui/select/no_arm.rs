// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let n: u32 = select! {};
        Ok(n)
    }
}

fn main() {}
