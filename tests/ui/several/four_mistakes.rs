// errors: 4, each another mistake of structure
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Article>(brief) {
        let mut count = 0;
        let research = research(&brief).await?;
        let outline = outline(&brief).await?;
        let seo = seo(&research).await?;
        let again = seo(&research).await?;
        let draft = draft(&outline).await?;
        count += 1;
        let late = research.notes.len().await;
        Ok(format!("{count}"))
    }
}

fn main() {}
