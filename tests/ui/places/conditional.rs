// errors: 2
#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        #[cfg(windows)]
        check(&draft).await?;
        let n: u32 = match draft.text.len() {
            #[cfg(any())]
            1 => 2,
            _ => u32::from(#[at(again)] check(&draft).await?),
        };
        Ok(n)
    }
}

fn main() {}
