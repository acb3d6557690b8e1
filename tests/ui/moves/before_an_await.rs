// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let kept: Draft = draft;
        let ok = check(&draft).await?;
        Ok(if ok { kept } else { Draft { text: String::new() } })
    }
}

fn main() {}
