#![deny(warnings)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Inner<Research -> Outline>(research) {
        Ok(outline(&research).await?)
    }
}

workflow! {
    Outer<Brief -> String>(brief) {
        let research = research(&brief).await?;
        let (inner, seo) = try_join!(Inner(research.clone()), seo(&research))?;
        let other = #[at(other)] Inner(research).await?;
        Ok(format!("{inner:?} {seo:?} {other:?}"))
    }
}

fn main() {
    let run = async |app: App, brief: Brief| Outer::run(&app, brief).await.completed();
    let _ = run;
}
