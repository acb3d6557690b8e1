// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

macro_rules! my {
    (x => $e:expr) => {
        u32::from($e)
    };
}

workflow! {
    Write<Draft -> u32>(draft) {
        let n = my!(x => check(&draft).await?);
        Ok(n)
    }
}

fn main() {}
