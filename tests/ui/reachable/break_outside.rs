// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let next = revise(&draft, "shorter").await?;
        if next.text.is_empty() {
            break;
        }
        Ok(next)
    }
}

fn main() {}
