// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    async fn write(brief: Brief) -> Research {
        Ok(research(&brief).await?)
    }
}

fn main() {}
