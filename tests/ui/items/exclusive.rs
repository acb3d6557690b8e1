// errors: 1

use flow_runtime::{step, workflow};

#[step]
async fn fetch(page: &str) -> Result<u32, std::io::Error> {
    Ok(page.len() as u32)
}

workflow! {
    Pages<Vec<String> -> u32>(pages) {
        let mut sum: u32 = 0;
        let mut pages: Vec<String> = pages;
        for page in &mut pages {
            sum += fetch(page).await?;
            page.clear();
        }
        Ok(sum)
    }
}

fn main() {}
