// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        loop {
            println!("{}", draft.text);
        }
        Ok(revise(&draft, "shorter").await?)
    }
}

fn main() {}
