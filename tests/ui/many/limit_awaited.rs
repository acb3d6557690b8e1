// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn many(_n: &u32) -> Result<usize, LlmError> {
    Err(LlmError)
}

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(&drafts, |draft| check(draft), limit = many(&1).await?)?;
        Ok(fine.len() as u32)
    }
}

fn main() {}
