// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(mut draft) {
        let text = &mut draft.text;
        let notes = seo(&Research { complexity: Complexity::Low, notes: None }).await?;
        text.push_str(&notes.words[0]);
        Ok(draft)
    }
}

fn main() {}
