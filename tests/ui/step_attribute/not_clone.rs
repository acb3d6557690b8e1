// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Page(String);

#[step]
async fn fetch(page: Page) -> Result<String, LlmError> {
    Ok(page.0)
}

fn main() {}
