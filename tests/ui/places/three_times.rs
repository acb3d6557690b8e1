// errors: 2, the first place is right
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let shorter = revise(&draft, "shorter").await?;
        let longer = revise(&shorter, "longer").await?;
        let last = revise(&longer, "last").await?;
        Ok(last)
    }
}

fn main() {}
