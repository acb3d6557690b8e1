// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let f = async |x: u32| x + 1;
        let n = f(1).await;
        Ok(n)
    }
}

fn main() {}
