#![deny(warnings)]

use flow_runtime::{step, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page {
    words: Vec<String>,
}

#[step]
async fn fetch(url: &str) -> Result<Page, std::io::Error> {
    Ok(Page { words: vec![url.to_owned()] })
}

#[step]
async fn count(page: &Page) -> Result<u32, std::io::Error> {
    Ok(page.words.len() as u32)
}

workflow! {
    Count<String -> u32>(url) {
        let page = fetch(&url).await?;
        count(&page).await
    }
}

fn main() {
    let counted = Count::run(&(), "https://example.org".to_owned());
    let _ = async move { counted.await.completed() };
}
