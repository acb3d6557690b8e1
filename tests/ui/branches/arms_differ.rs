// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Draft>(research) {
        let outline = outline(&research).await?;
        let seo = seo(&research).await?;
        let text = match research.complexity {
            Complexity::Low => draft(&outline, &seo).await?,
            Complexity::High => #[at(deep)] editor_review(&Draft { text: outline.title }).await?,
        };
        Ok(text)
    }
}

fn main() {}
