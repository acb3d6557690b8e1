// errors: 3
#[path = "../prelude.rs"]
mod prelude;
use flow_runtime::testing;
use prelude::*;

fn fakes() {
    testing::fake::<editor_review>(|draft| async move { Ok(draft) });
}

fn main() {}
