// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        select! {
            _ = check(&draft) => drop(draft),
            _ = editor_review(&draft) => (),
        }
        Ok(draft.text.len() as u32)
    }
}

fn main() {}
