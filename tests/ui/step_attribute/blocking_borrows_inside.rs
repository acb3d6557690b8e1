// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(blocking)]
fn fetch(topics: Vec<&str>) -> Result<String, LlmError> {
    Ok(topics.concat())
}

fn main() {}
