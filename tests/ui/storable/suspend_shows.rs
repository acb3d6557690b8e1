// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page(String);

#[suspend(resume = Decision)]
fn page_review(page: &str) -> Page {
    Page(page.to_owned())
}

fn main() {}
