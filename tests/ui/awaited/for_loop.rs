// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Seo -> u32>(seo) {
        let mut count: u32 = 0;
        for word in &seo.words {
            count += u32::from(check(&Draft { text: word.clone() }).await?);
        }
        Ok(count)
    }
}

fn main() {}
