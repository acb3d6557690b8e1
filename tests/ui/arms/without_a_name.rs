// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Seo>(research) {
        let (outline, seo) = try_join!(
            async {
                let outline = outline(&research).await?;
                Ok(outline.title)
            },
            seo(&research),
        )?;
        Ok(Seo { words: vec![outline, seo.words.concat()] })
    }
}

fn main() {}
