// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let mut count: u32 = 0;
        while count < 3 {
            publish(draft).await?;
            count += 1;
        }
        Ok(count)
    }
}

fn main() {}
