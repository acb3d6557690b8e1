// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(&drafts, |draft| #[at(one)] async {
            let fine = check(draft).await?;
            Ok(u32::from(fine))
        })?;
        let other = #[at(rest)] check(&drafts[0]).await?;
        Ok(fine.len() as u32 + u32::from(other))
    }
}

fn main() {}
