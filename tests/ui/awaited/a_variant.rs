// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let n = Some(draft).await;
        Ok(1)
    }
}

fn main() {}
