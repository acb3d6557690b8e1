// errors: 5
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> Article>(brief) {
        let mut count = 0;
        let research = research(&brief).await?;
        let outline = outline(&brief).await?;
        let seo: u32 = seo(&research).await?;
        count += 1;
        let length = research.notes.len().await;
        Ok(format!("{count}"))
    }
}

fn main() {}
