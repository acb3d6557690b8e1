// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> u32>(research) {
        let mut log: Vec<String> = Vec::new();
        try_join!(
            #[at(logged)]
            async {
                let outline = outline(&research).await?;
                log.push(outline.title);
                Ok(())
            },
            seo(&research),
        )?;
        Ok(log.len() as u32)
    }
}

fn main() {}
