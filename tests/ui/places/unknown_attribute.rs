// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let fine = #[att(first)] check(&draft).await?;
        Ok(u32::from(fine))
    }
}

fn main() {}
