// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

impl Draft {
    async fn fetch(page: u32) -> Result<Draft, LlmError> {
        Ok(Draft { text: page.to_string() })
    }
}

workflow! {
    Write<u32 -> Draft>(page) {
        let draft = Draft::fetch(page).await?;
        Ok(draft)
    }
}

fn main() {}
