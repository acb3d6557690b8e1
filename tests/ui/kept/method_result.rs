// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Seo -> String>(seo) {
        let first = seo.words.first();
        let outline = outline(&Research { complexity: Complexity::Low, notes: None }).await?;
        Ok(format!("{first:?} {outline:?}"))
    }
}

fn main() {}
