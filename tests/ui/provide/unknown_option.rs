// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[derive(Provide)]
#[provide(name = "shop")]
struct Shop {
    llm: Llm,
}

fn main() {}
