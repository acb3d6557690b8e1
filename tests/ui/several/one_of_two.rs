// errors: 2, and none about `Fine`
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Broken<Draft -> Draft>(draft) {
        let mut count = 0;
        let next = revise(&draft, "shorter").await?;
        count += 1;
        Ok(Draft { text: format!("{count} {next:?}") })
    }

    Fine<Draft -> Draft>(draft) {
        Ok(revise(&draft, "shorter").await?)
    }
}

async fn start(app: App, draft: Draft) {
    let _ = Fine::run(&app, draft).await;
}

fn main() {}
