// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        check(&draft).await;
        Ok(draft)
    }
}

fn main() {}
