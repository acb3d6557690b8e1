// errors: 2
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[suspend(resume = Decision, deadline = "a week")]
fn review(draft: &Draft) -> Draft {
    draft.clone()
}

#[suspend(resume = Decision, deadline = 7)]
fn again(draft: &Draft) -> Draft {
    draft.clone()
}

fn main() {}
