// errors: 1
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> String>(draft) {
        let (shorter, longer) = try_join!(revise(&draft, "shorter"), revise(&draft, "longer"))?;
        Ok(shorter.text + &longer.text)
    }
}

fn main() {}
