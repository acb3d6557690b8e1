#![deny(unused_qualifications)]
#![allow(unused_imports, dead_code)]

#[path = "../prelude.rs"]
mod prelude;
use prelude::*;

mod engine {
    pub use flow_runtime::__private;
}
use engine::{__private, __private::*};

#[derive(Provide)]
#[provide(crate = crate::engine)]
struct Shop {
    till: u32,
}

#[step(crate = crate::engine, retries = 2)]
async fn price(order: &str, #[resource] till: &u32) -> Result<u32, LlmError> {
    Ok(*till + order.len() as u32)
}

#[step(crate = crate::engine, blocking)]
fn weigh(order: String) -> Result<u32, LlmError> {
    Ok(order.len() as u32)
}

#[suspend(crate = crate::engine, resume = bool)]
fn approval(cents: u32) -> String {
    cents.to_string()
}

workflow! {
    #[workflow(crate = crate::engine)]
    Buy<String -> u32>(order) {
        let cents = price(&order).await?;
        let approved = approval(cents).await?;
        let (weight, again) = try_join!(weigh(order.clone()), #[at(again)] price(&order))?;
        Ok(if approved { cents + weight + again } else { 0 })
    }
}

workflow! {
    #[workflow(crate = crate::engine)]
    Sell<String -> u32>(order) {
        let cents = Buy(order).await?;
        Ok(cents)
    }
}

fn main() {}
