// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let first = try_join_all!(&drafts, |draft| check(draft))?;
        let second = try_join_all!(&drafts, |draft| check(draft))?;
        Ok(first.len() as u32 + second.len() as u32)
    }
}

fn main() {}
