// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

struct Page(String);

#[step]
async fn fetch(brief: &Brief) -> Result<Page, LlmError> {
    Ok(Page(brief.topic.clone()))
}

workflow! {
    Fetch<Brief -> String>(brief) {
        let page = fetch(&brief).await?;
        let research = research(&brief).await?;
        Ok(format!("{} {research:?}", page.0))
    }
}

fn main() {}
