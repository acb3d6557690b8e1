// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

async fn answer(pending: &Pending) -> Result<(), Error> {
    pending.one::<editor_review>()?.resume("approved").await
}

fn main() {}
