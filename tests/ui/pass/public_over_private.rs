#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications, unused_lifetimes)]
//! A public workflow over private steps.

use flow_runtime::{step, suspend, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Page {
    words: Vec<String>,
}

#[step]
async fn fetch(url: &str) -> Result<Page, std::io::Error> {
    Ok(Page { words: vec![url.to_owned()] })
}

#[suspend(resume = bool)]
fn approve(page: &Page) -> Page {
    page.clone()
}

workflow! {
    /// Public, while its steps and what they hand on are not.
    pub Fetch<String -> u32>(url) {
        let page = fetch(&url).await?;
        let kept: Page = page.clone();
        let approved = approve(&page).await?;
        Ok(if approved { kept.words.len() as u32 } else { 0 })
    }
}

fn main() {}
