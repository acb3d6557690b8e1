// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let n: u32 = if check(&draft).await? {
            revise(&draft, "shorter").await?;
            "one"
        } else {
            2
        };
        Ok(n)
    }
}

fn main() {}
