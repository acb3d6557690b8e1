// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(cache = "10m", retries = 1, retry_if = |_| true)]
async fn fetch(brief: &Brief) -> String {
    brief.topic.clone()
}

fn main() {}
