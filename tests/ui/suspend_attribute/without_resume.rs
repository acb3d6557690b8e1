// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[suspend]
fn review(draft: &Draft) -> Draft {
    draft.clone()
}

fn main() {}
