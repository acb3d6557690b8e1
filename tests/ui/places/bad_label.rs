// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        Ok(#[at("second look")] revise(&draft, "shorter").await?)
    }
}

fn main() {}
