// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let n = tokio::time::timeout(Duration::from_secs(1), check(&draft)).await?;
        Ok(1)
    }
}

fn main() {}
