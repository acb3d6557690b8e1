// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<std::collections::HashMap<String, Draft> -> u32>(drafts) {
        let fine = try_join_all!(&drafts, |(_, draft)| check(draft))?;
        Ok(fine.len() as u32)
    }
}

fn main() {}
