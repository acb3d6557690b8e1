// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> bool>(draft) {
        let ok: bool = draft.text.is_empty() && check(&draft).await?;
        Ok(ok)
    }
}

fn main() {}
