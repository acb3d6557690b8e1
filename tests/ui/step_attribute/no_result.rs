// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch(brief: &Brief) -> String {
    brief.topic.clone()
}

fn main() {}
