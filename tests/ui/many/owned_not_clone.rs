// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page {
    name: String,
}

#[step]
async fn fetch(page: &Page) -> Result<u32, LlmError> {
    Ok(page.name.len() as u32)
}

workflow! {
    Write<Vec<Page> -> u32>(drafts) {
        let fine = try_join_all!(drafts, |page| fetch(&page))?;
        Ok(fine.len() as u32)
    }
}

fn main() {}
