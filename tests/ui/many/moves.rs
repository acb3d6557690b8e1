// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(&drafts, move |draft| check(draft))?;
        Ok(fine.len() as u32)
    }
}

fn main() {}
