// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let n: u32 = match check(&draft).await? {
            true => editor_review(&draft).await?.notes,
            false => 2,
        };
        Ok(n)
    }
}

fn main() {}
