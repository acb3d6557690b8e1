// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> String>(brief) {
        let clock: std::time::Instant = std::time::Instant::now();
        let research = research(&brief).await?;
        Ok(format!("{research:?} {:?}", clock.elapsed()))
    }
}

fn main() {}
