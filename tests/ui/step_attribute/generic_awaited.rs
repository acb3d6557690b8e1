// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch<T: ToString>(brief: &T) -> Result<String, LlmError> {
    Ok(brief.to_string())
}

workflow! {
    Fetch<String -> String>(topic) {
        fetch(&topic).await
    }
}

fn main() {}
