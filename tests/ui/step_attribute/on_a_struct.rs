// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
struct Fetch;

fn main() {}
