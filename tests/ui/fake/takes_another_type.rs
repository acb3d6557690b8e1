// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use flow_runtime::testing;
use prelude::*;

fn fakes() {
    testing::fake::<revise>(|(draft, notes): (Draft, u32)| async move { Ok(draft) });
}

fn main() {}
