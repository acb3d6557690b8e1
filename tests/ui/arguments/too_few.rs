// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Draft>(research) {
        let outline = outline(&research).await?;
        Ok(draft(&outline).await?)
    }
}

fn main() {}
