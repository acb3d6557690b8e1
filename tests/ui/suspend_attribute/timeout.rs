// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[suspend(resume = Decision, timeout = "1d")]
fn review(draft: &Draft) -> Draft {
    draft.clone()
}

fn main() {}
