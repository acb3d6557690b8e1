// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        if check(&draft).await? {
            return 1;
        }
        Ok(2)
    }
}

fn main() {}
