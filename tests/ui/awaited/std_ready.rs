// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<u32 -> u32>(page) {
        let page: u32 = std::future::ready(page).await;
        Ok(page)
    }
}

fn main() {}
