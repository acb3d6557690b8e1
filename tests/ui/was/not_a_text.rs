// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let next = revise(&draft, "shorter").await?;
        Ok(#[at(again, was = second)] revise(&next, "longer").await?)
    }
}

fn main() {}
