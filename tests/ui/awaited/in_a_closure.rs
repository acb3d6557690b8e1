// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Seo -> Vec<Draft>>(seo) {
        let drafts: Vec<Draft> = seo.words.iter().map(|word| revise(&Draft { text: word.clone() }, "shorter").await?).collect();
        Ok(drafts)
    }
}

fn main() {}
