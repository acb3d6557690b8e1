// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        let more: Option<String> = Some(draft.text.clone());
        if let Some(more) = &more {
            revise(&draft, more).await?;
        }
        Ok(more.map_or(0, |more| more.len() as u32))
    }
}

fn main() {}
