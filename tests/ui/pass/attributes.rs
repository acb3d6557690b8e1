#![deny(warnings)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

workflow! {
    Write<Draft -> u32>(draft) {
        #[allow(unused_variables)]
        let unread = check(&draft).await?;
        #[expect(unused_must_use)]
        #[at(again)]
        check(&draft).await;
        #[cfg(any())]
        let nothing = missing(&draft);
        if cfg!(windows) {
            #[at(windows)]
            check(&draft).await?;
        }
        Ok(1)
    }
}

fn main() {}
