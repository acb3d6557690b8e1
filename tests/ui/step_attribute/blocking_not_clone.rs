// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page(u32);

#[step(blocking)]
fn fetch(page: &Page) -> Result<u32, LlmError> {
    Ok(page.0)
}

fn main() {}
