// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let next = revise(&draft, "shorter").await?;
        return Ok(next);
        check(&draft).await?;
    }
}

fn main() {}
