// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[suspend(resume = Decision)]
fn review(draft: &Draft) -> &str {
    &draft.text
}

fn main() {}
