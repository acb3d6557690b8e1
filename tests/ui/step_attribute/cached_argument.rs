// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page(u32);

#[step(cache = "10m")]
async fn fetch(page: &Page, brief: &Brief) -> Result<String, LlmError> {
    Ok(format!("{} {}", brief.topic, page.0))
}

fn main() {}
