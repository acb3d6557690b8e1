// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page<T>(pub T);

workflow! {
    Write<u32 -> u32>(page) {
        let page: Page<u32> = Page(page).await?;
        Ok(page.0)
    }
}

fn main() {}
