// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Article>(draft) {
        let (article, ok) = try_join!(publish(draft), check(&draft))?;
        Ok(Article { summary: ok.to_string(), ..article })
    }
}

fn main() {}
