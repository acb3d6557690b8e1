// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Seo>(research) {
        let (outline, seo) = try_join!(outline(&research), seo(research))?;
        Ok(Seo { words: vec![outline.title, seo.words.concat()] })
    }
}

fn main() {}
