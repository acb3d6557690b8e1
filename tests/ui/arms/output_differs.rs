// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> String>(research) {
        let (outline, seo) = try_join!(outline(&research), seo(&research))?;
        let title: String = outline;
        Ok(title + &seo.words.concat())
    }
}

fn main() {}
