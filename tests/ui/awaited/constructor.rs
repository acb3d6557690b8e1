// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Page(pub u32);

workflow! {
    Write<Draft -> u32>(draft) {
        let page = Page(1).await?;
        Ok(draft.text.len() as u32 + page.0)
    }
}

fn main() {}
