// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> String>(brief) {
        let mut total = 0;
        let research = research(&brief).await?;
        total += 1;
        Ok(format!("{research:?} {total}"))
    }
}

fn main() {}
