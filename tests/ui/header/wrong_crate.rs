// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    #[workflow(crate = ::wrong::flow)]
    Write<Draft -> Draft>(draft) {
        let next = revise(&draft, "shorter").await?;
        Ok(next)
    }
}

async fn start(app: App, draft: Draft) {
    let _ = Write::run(&app, draft).await;
}

fn main() {}
