// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

impl Brief {
    async fn fetch(&self) -> String {
        self.topic.clone()
    }
}

workflow! {
    Write<Brief -> String>(brief) {
        Ok(brief.fetch().await)
    }
}

fn main() {}
