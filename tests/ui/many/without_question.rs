// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine: Vec<bool> = try_join_all!(&drafts, |draft| check(draft));
        Ok(fine.len() as u32)
    }
}

fn main() {}
