// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> Draft>(draft) {
        Ok(revise(&draft, "shorter").await?)
    }
}

async fn start(app: &App, draft: Draft) {
    let mut parked = Write::run(app, draft).await.suspended().unwrap();
    parked.answer::<revise>(Draft { text: String::new() }).unwrap();
}

fn main() {}
