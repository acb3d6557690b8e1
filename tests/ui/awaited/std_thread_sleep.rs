// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        std::thread::sleep(Duration::from_secs(1)).await;
        Ok(1)
    }
}

fn main() {}
