// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

struct Oops;

#[step]
async fn fetch(brief: &Brief) -> Result<String, Oops> {
    Ok(brief.topic.clone())
}

fn main() {}
