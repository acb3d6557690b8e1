// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<&str -> Draft>(text) {
        let draft: Draft = Draft { text: text.to_owned() };
        Ok(revise(&draft, "shorter").await?)
    }
}

workflow! {
    Outer<String -> String>(text) {
        let written = Write(&text).await?;
        Ok(written.text)
    }
}

async fn start(app: App) {
    let written = Write::run(&app, "text").await.completed();
    let _ = (written, flow_runtime::Runtime::builder(app).register::<Write>());
}

fn main() {}
