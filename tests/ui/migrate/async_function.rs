// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use flow_runtime::migrate::StoredState;
use prelude::*;

workflow! {
    #[workflow(migrate = from_older)]
    Work<Brief -> Research>(brief) {
        research(&brief).await
    }
}

async fn from_older(_: &mut StoredState) -> Result<(), Error> {
    Ok(())
}

fn main() {}
