// errors: 1

use flow_runtime::{step, workflow};

#[step]
async fn fetch(page: &str) -> Result<u32, std::io::Error> {
    Ok(page.len() as u32)
}

workflow! {
    Pages<u32 -> u32>(pages) {
        let mut sum: u32 = 0;
        let mut end: u32 = pages;
        for page in 0..end {
            end += 1;
            sum += fetch("a").await? + page;
        }
        Ok(sum)
    }
}

fn main() {}
