// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let ok = check(&draft).await?;
        if ok {
            publish(draft).await?;
        }
        Ok(draft)
    }
}

fn main() {}
