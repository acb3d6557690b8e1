// errors: 1
#![deny(unused)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        loop {
            if check(&draft).await? {
                break;
                #[at(late)]
                check(&draft).await?;
            }
        }
        Ok(draft)
    }
}

fn main() {}
