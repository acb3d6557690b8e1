// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page(pub u32);

workflow! {
    Write<Draft -> Draft>(draft) {
        let (fine, page) = try_join!(check(&draft), Page(1))?;
        Ok(draft)
    }
}

fn main() {}
