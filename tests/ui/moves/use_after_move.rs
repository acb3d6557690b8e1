// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Article>(draft) {
        let article = publish(draft).await?;
        let ok = check(&draft).await?;
        Ok(Article { summary: ok.to_string(), ..article })
    }
}

fn main() {}
