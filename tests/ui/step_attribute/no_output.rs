// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

#[step]
async fn fetch(brief: &Brief) {
    println!("{}", brief.topic);
}

fn main() {}
