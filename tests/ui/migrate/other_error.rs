// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    #[workflow(migrate = older::read)]
    Work<Brief -> Research>(brief) {
        research(&brief).await
    }
}

mod older {
    pub(crate) fn read(_: &mut flow_runtime::migrate::StoredState) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
