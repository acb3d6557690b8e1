// errors: 1

use flow_runtime::{step, workflow};

#[step]
async fn fetch(page: &str) -> Result<u32, std::io::Error> {
    Ok(page.len() as u32)
}

fn pages() -> Vec<String> {
    vec!["a".to_owned()]
}

workflow! {
    Pages<u32 -> u32>(first) {
        let mut sum: u32 = first;
        for page in pages() {
            sum += fetch(&page).await?;
        }
        Ok(sum)
    }
}

fn main() {}
