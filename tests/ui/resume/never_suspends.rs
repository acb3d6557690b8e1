// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

async fn answer(pending: &Pending) -> Result<(), Error> {
    let suspension = pending.one::<research>()?;
    println!("{}", suspension.address());
    Ok(())
}

fn main() {}
