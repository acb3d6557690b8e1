// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let fine = check(&draft).await?;
        unimplemented!("not {fine}");
        let next = revise(&draft, "shorter").await?;
        Ok(next)
    }
}

fn main() {}
