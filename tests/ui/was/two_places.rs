// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let next = #[at(first, was = "old")] revise(&draft, "shorter").await?;
        Ok(#[at(second, was = "old")] revise(&next, "longer").await?)
    }
}

fn main() {}
