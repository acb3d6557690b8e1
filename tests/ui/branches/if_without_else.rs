// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let ok = check(&draft).await?;
        let next = if ok {
            revise(&draft, "shorter").await?
        };
        Ok(next)
    }
}

fn main() {}
