// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Review<Draft -> Draft>(draft) {
        let mut text: Draft = draft;
        while !check(&text).await? {
            let decision = editor_review(&text).await?;
            text = revise(&text, decision.approved).await?;
        }
        Ok(text)
    }
}

fn main() {}
