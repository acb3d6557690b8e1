// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

struct Page(Brief);

workflow! {
    Fetch<Page -> String>(page) {
        let research = research(&page.0).await?;
        Ok(format!("{research:?}"))
    }
}

fn main() {}
