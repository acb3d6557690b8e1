// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[derive(Provide)]
enum Resources {
    Live(Llm),
    Test,
}

fn main() {}
