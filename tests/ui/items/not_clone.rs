// errors: 1

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct Page {
    name: String,
}

use flow_runtime::{step, workflow};

#[step]
async fn fetch(page: &str) -> Result<u32, std::io::Error> {
    Ok(page.len() as u32)
}

workflow! {
    Pages<Vec<Page> -> u32>(pages) {
        let mut sum: u32 = 0;
        for page in pages {
            sum += fetch(&page.name).await?;
        }
        Ok(sum)
    }
}

fn main() {}
