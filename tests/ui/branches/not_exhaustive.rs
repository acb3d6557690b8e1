// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> String>(research) {
        let title = match research.complexity {
            Complexity::Low => {
                let outline = outline(&research).await?;
                outline.title
            }
        };
        Ok(title)
    }
}

fn main() {}
