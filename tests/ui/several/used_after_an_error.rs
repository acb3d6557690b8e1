// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        let mut count = 0;
        let next = revise(&draft, "shorter").await?;
        count += 1;
        Ok(Draft { text: format!("{count} {next:?}") })
    }
}

workflow! {
    Outer<Draft -> Draft>(draft) {
        Ok(Write(draft).await?)
    }
}

async fn start(app: App, draft: Draft) {
    let _ = Write::run(&app, draft.clone()).await;
    let _ = flow_runtime::Runtime::builder(app).register::<Write>().register::<Outer>();
    let _: Option<WriteState> = None;
}

fn main() {}
