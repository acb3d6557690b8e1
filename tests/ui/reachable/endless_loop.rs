// errors: 1
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
