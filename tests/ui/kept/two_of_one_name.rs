// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> String>(research) {
        let count: u32 = 1;
        let mut text: String = String::new();
        if let Some(notes) = &research.notes {
            let count: usize = notes.len();
            let outline = outline(&research).await?;
            text = format!("{count} {outline:?}");
        }
        Ok(format!("{count} {text}"))
    }
}

fn main() {}
