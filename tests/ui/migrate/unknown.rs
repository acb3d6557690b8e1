// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    #[workflow(migrate = from_older)]
    Work<Brief -> Research>(brief) {
        research(&brief).await
    }
}

fn main() {}
