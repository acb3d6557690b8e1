// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

fn load() -> Vec<Draft> {
    Vec::new()
}

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(load(), |draft| check(draft))?;
        Ok(fine.len() as u32)
    }
}

fn main() {}
