// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        #[at(shorter)]
        let next = revise(&draft, "shorter").await?;
        Ok(next)
    }
}

fn main() {}
