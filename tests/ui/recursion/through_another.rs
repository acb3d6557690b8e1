// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Walk<Draft -> Draft>(draft) {
        let next = revise(&draft, "shorter").await?;
        Ok(Turn(next).await?)
    }
}

workflow! {
    Turn<Draft -> Draft>(draft) {
        let fine = check(&draft).await?;
        if fine { Ok(draft) } else { Ok(Walk(draft).await?) }
    }
}

async fn start(app: App, draft: Draft) {
    let _ = Walk::run(&app, draft).await;
}

fn main() {}
