#![deny(warnings)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

fn one() -> u32 {
    1
}

workflow! {
    Numbers<Draft -> u32>(draft) {
        let of: Box<dyn Fn() -> u32 + Send> = if draft.text.is_empty() {
            check(&draft).await?;
            Box::new(one)
        } else {
            Box::new(|| 2)
        };
        let first = of();
        let picked: Option<u32> = match first {
            1 => None,
            n => Some(n),
        };
        Ok(picked.unwrap_or(0))
    }
}

workflow! {
    Bytes<Draft -> usize>(draft) {
        let bytes: &[u8] = if check(&draft).await? {
            #[at(again)]
            check(&draft).await?;
            b"longer"
        } else {
            &[]
        };
        let never: u8 = match bytes.len() {
            0 => {
                revise(&draft, "longer").await?;
                std::process::exit(1)
            }
            1 => panic!("short"),
            _ => 3,
        };
        Ok(usize::from(never))
    }
}

fn main() {}
