// errors: 2, the code behind the loop and the variable
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        loop {
            let ok: bool = draft.text.is_empty();
        }
        Ok(revise(&draft, "shorter").await?)
    }
}

fn main() {}
