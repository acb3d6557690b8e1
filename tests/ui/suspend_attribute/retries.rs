// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[suspend(resume = Decision, retries = 3)]
fn review(draft: &Draft) -> Draft {
    draft.clone()
}

fn main() {}
