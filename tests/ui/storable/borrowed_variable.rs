// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> String>(brief) {
        let first: &str = brief.topic.trim();
        let research = research(&brief).await?;
        Ok(format!("{research:?} {first}"))
    }
}

fn main() {}
