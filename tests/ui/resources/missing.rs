// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

pub struct Db;

#[step]
async fn save(draft: &Draft, #[resource] db: &Db) -> Result<u32, LlmError> {
    let (_, _) = (draft, db);
    Ok(1)
}

workflow! {
    Save<Draft -> u32>(draft) {
        Ok(save(&draft).await?)
    }
}

async fn start(app: App, draft: Draft) {
    let _ = Save::run(&app, draft).await;
}

fn main() {}
