// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let n: u32 = select! {
            fine = check(&draft) => u32::from(fine?),
            _ = editor_review(&draft) => "late",
        };
        Ok(n)
    }
}

fn main() {}
