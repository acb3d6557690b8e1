// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step(retries = 3)]
async fn measure(draft: &Draft) -> Result<usize, std::convert::Infallible> {
    Ok(draft.text.len())
}

workflow! {
    Write<Draft -> usize>(draft) {
        Ok(measure(&draft).await?)
    }
}

fn main() {}
