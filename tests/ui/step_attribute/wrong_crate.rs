// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(crate = ::wrong::flow)]
async fn tidy(draft: &Draft) -> Result<Draft, LlmError> {
    Ok(draft.clone())
}

fn main() {}
