// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let fine = check(&draft).await?;
        u32::from(fine)
    }
}

fn main() {}
