// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Review<Draft -> Decision>(draft) {
        let decision = editor_review(&draft, "please").await?;
        Ok(decision)
    }
}

fn main() {}
