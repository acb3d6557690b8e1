// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

fn fetch(page: u32) -> impl Future<Output = Result<u32, LlmError>> {
    std::future::ready(Ok(page))
}

workflow! {
    Write<u32 -> u32>(page) {
        Ok(fetch(page).await?)
    }
}

fn main() {}
