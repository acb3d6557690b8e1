// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<u32 -> u32>(page) {
        let handle = tokio::task::spawn_blocking(move || page + 1);
        let page = handle.await?;
        Ok(page)
    }
}

fn main() {}
