// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(migrate = from_older)]
async fn count(brief: &Brief) -> Result<usize, LlmError> {
    Ok(brief.topic.len())
}

fn main() {}
