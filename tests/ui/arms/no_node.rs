// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Seo>(research) {
        let (seo, words) = try_join!(seo(&research), research.notes)?;
        Ok(seo)
    }
}

fn main() {}
