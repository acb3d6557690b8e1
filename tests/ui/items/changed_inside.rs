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
        for page in &pages {
            sum += fetch(page).await?;
            pages.push("more".to_owned());
        }
        Ok(sum)
    }
}

fn main() {}
