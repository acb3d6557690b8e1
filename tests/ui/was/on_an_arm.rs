// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> Draft>(found) {
        let (outline, seo) = try_join!(#[at(plan, was = "outline")] outline(&found), seo(&found))?;
        Ok(draft(&outline, &seo).await?)
    }
}

fn main() {}
