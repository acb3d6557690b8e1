// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Research>(brief) {
        let job = research(&brief);
        Ok(job.await?)
    }
}

fn main() {}
