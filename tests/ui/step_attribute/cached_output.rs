// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page(u32);

#[step(cache = "10m")]
async fn fetch(brief: &Brief) -> Result<Page, LlmError> {
    Ok(Page(brief.topic.len() as u32))
}

fn main() {}
