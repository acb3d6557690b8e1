// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> u32>(research) {
        let mut count: u32 = 0;
        try_join!(
            #[at(counted)]
            async {
                let outline = outline(&research).await?;
                count += outline.title.len() as u32;
                Ok(())
            },
            seo(&research),
        )?;
        Ok(count)
    }
}

fn main() {}
