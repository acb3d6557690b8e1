// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> String>(brief) {
        Ok(format!("{:?}", research(&brief).await?))
    }
}

fn main() {}
