// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let shorter = revise(&draft, "shorter").await?;
        let longer = revise(&shorter, "longer").await?;
        Ok(longer)
    }
}

fn main() {}
