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

async fn start(app: App, brief: Brief) -> Result<String, Error> {
    Outer::run(&app, brief).await.completed()
}

fn main() {}
