// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        println!("{:?}", try_join_all!(&drafts, |draft| check(draft))?);
        Ok(1)
    }
}

fn main() {}
