// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let notes: u32 = 3;
        match notes {
            3 if check(&draft).await? => Ok(draft),
            _ => Ok(revise(&draft, "shorter").await?),
        }
    }
}

fn main() {}
