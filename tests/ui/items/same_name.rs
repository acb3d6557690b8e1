// errors: 1

use flow_runtime::{step, workflow};

#[step]
async fn fetch(page: &str) -> Result<u32, std::io::Error> {
    Ok(page.len() as u32)
}

workflow! {
    Pages<Vec<Vec<String>> -> u32>(pages) {
        let mut sum: u32 = 0;
        for page in &pages {
            for page in page.iter() {
                sum += fetch(page).await?;
            }
        }
        Ok(sum)
    }
}

fn main() {}
