// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Answer(bool);

#[suspend(resume = Answer)]
fn page_review(page: &str) -> String {
    page.to_owned()
}

fn main() {}
