// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let mut log: Vec<u32> = Vec::new();
        let fine = try_join_all!(&drafts, |draft| #[at(one)] async {
            log.push(u32::from(check(draft).await?));
            Ok(1)
        })?;
        let fine: Vec<u32> = fine;
        Ok(fine.len() as u32 + log.len() as u32)
    }
}

fn main() {}
