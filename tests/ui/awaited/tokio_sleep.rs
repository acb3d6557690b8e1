// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Research>(brief) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(research(&brief).await?)
    }
}

fn main() {}
