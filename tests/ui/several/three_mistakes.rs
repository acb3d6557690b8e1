// errors: 3, each another mistake
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let mut count = 0;
        let ok: bool = check(&draft).await? && draft.fetch().await;
        let next = revise(&draft, "shorter").await?;
        count += 1;
        let again = revise(&next, &count.to_string()).await?;
        Ok(again)
    }
}

fn main() {}
