// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let mut sum: u32 = 0;
        let fine = try_join_all!(&drafts, |draft| #[at(one)] async {
            sum += u32::from(check(draft).await?);
            Ok(sum)
        })?;
        let fine: Vec<u32> = fine;
        Ok(sum + fine.len() as u32)
    }
}

fn main() {}
