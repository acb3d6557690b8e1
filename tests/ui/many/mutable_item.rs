// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Vec<Draft> -> u32>(drafts) {
        let fine = try_join_all!(&drafts, |mut draft| #[at(one)] async {
            let fine = check(draft).await?;
            draft = &drafts[0];
            Ok(fine && draft.text.is_empty())
        })?;
        let fine: Vec<bool> = fine;
        Ok(fine.len() as u32)
    }
}

fn main() {}
