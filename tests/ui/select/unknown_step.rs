// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let n: u32 = select! {
            size = measure(&draft) => size?,
            _ = editor_review(&draft) => 2,
        };
        Ok(n)
    }
}

fn main() {}
