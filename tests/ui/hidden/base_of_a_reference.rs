// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let text = &draft.text;
        let draft = revise(&draft, "shorter").await?;
        Ok((text.len() + draft.text.len()) as u32)
    }
}

fn main() {}
