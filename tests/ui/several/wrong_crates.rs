// errors: 2, one for each path
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(crate = ::wrong::flow)]
async fn tidy(draft: &Draft) -> Result<Draft, LlmError> {
    Ok(draft.clone())
}

workflow! {
    #[workflow(crate = ::wrong::flow)]
    Write<Draft -> Draft>(draft) {
        let next = tidy(&draft).await?;
        Ok(next)
    }
}

fn main() {}
