// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let text = revise(&draft, "shorter").await?;
        text = #[at(again)] revise(&text, "longer").await?;
        Ok(text)
    }
}

fn main() {}
