// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn load(_n: &u32) -> Result<Vec<Draft>, LlmError> {
    Err(LlmError)
}

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(load(&1).await?, |draft| check(draft))?;
        Ok(fine.len() as u32)
    }
}

fn main() {}
