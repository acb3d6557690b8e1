// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Research -> String>(research) {
        let (titles, seo) = try_join!(
            #[at(titles)]
            async {
                let outline = outline(&research).await?;
                Ok(vec![outline.title])
            },
            seo(&research),
        )?;
        let again = #[at(again)] outline(&research).await?;
        Ok(format!("{titles:?} {seo:?} {again:?}"))
    }
}

fn main() {}
