// errors: 1

use std::collections::HashMap;

use flow_runtime::{step, workflow};

#[step]
async fn fetch(page: &str) -> Result<u32, std::io::Error> {
    Ok(page.len() as u32)
}

workflow! {
    Pages<HashMap<String, u32> -> u32>(pages) {
        let mut sum: u32 = 0;
        for (page, n) in &pages {
            sum += fetch(page).await? + n;
        }
        Ok(sum)
    }
}

fn main() {}
