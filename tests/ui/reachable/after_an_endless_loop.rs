// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let mut text: Draft = draft;
        loop {
            text = revise(&text, "shorter").await?;
        }
        Ok(text)
    }
}

fn main() {}
