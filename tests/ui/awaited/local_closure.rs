// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Brief -> String>(brief) {
        let fetch = async |brief: &Brief| brief.topic.clone();
        Ok(fetch(&brief).await)
    }
}

fn main() {}
