#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(_draft) {
        let fine = check(&Draft { text: String::new() }).await?;
        Ok(u32::from(fine))
    }
}

fn main() {}
