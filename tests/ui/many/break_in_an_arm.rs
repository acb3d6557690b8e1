// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(&drafts, |draft| #[at(one)] async {
            if draft.text.is_empty() {
                break;
            }
            check(draft).await
        })?;
        let fine: Vec<bool> = fine;
        Ok(fine.len() as u32)
    }
}

fn main() {}
