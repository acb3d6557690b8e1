// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(&drafts, |draft| async {
            let fine = check(draft).await?;
            Ok(fine)
        })?;
        let fine: Vec<bool> = fine;
        Ok(fine.len() as u32)
    }
}

fn main() {}
