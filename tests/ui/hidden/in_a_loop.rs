// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let mut sum: u32 = 0;
        for drafts in &drafts {
            sum += u32::from(check(drafts).await?);
        }
        Ok(sum + drafts.len() as u32)
    }
}

fn main() {}
