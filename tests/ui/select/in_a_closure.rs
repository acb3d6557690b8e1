// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let _n = || select! {
            _ = check(&draft) => 1,
            _ = editor_review(&draft) => 2,
        };
        Ok(1)
    }
}

fn main() {}
