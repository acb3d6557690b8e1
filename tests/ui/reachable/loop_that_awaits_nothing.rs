// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let fine = check(&draft).await?;
        let mut n: u32 = u32::from(fine);
        loop {
            n = n.wrapping_add(1);
        }
    }
}

fn main() {}
