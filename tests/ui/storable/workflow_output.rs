// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

struct Page(Research);

workflow! {
    Fetch<Brief -> Page>(brief) {
        let research = research(&brief).await?;
        Ok(Page(research))
    }
}

fn main() {}
