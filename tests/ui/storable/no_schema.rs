// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[derive(Serialize, Deserialize)]
struct Page(String);

#[step]
async fn fetch(url: &str) -> Result<Page, LlmError> {
    Ok(Page(url.to_owned()))
}

fn main() {}
