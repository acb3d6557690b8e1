// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(deadline = "1d")]
async fn words(draft: &Draft) -> u32 {
    draft.text.len() as u32
}

fn main() {}
