// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    #[workflow(id = "my/work")]
    Work<Brief -> Research>(brief) {
        research(&brief).await
    }
}

fn main() {}
