// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page {
    number: u32,
}

workflow! {
    Write<Draft -> u32>(draft) {
        let number = Page { number: 1 }.await?;
        Ok(draft.text.len() as u32 + number)
    }
}

fn main() {}
