// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[derive(Provide)]
struct Resources {
    fast: Llm,
    deep: Llm,
}

fn main() {}
