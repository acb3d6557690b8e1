// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        if check(&draft).await? {
            return Ok(draft);
        } else {
            return Ok(revise(&draft, "shorter").await?);
        }
        #[at(late)]
        check(&draft).await?;
    }
}

fn main() {}
