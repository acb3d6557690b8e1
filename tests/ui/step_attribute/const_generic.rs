// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch<const N: usize>(pages: &[u32; N]) -> Result<usize, LlmError> {
    Ok(pages.len())
}

fn main() {}
