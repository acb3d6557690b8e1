//! A workflow in a workflow, a loop, and resources that the app provides.
//!
//! ```sh
//! cargo run --example nested
//! ```

use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};

use flow_runtime::{Error, Provide, Runtime, StepContext, step, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many parcels the van has taken.
#[derive(Default)]
struct Van(AtomicU32);

#[derive(Default, Provide)]
struct Depot {
    van: Van,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Parcel {
    street: String,
}

#[step]
async fn weigh(parcel: &Parcel) -> Result<u32, Infallible> {
    Ok(parcel.street.len() as u32)
}

#[step(retries = 2, backoff = "10ms..100ms")]
async fn load(parcel: &Parcel, #[resource] van: &Van, #[context] cx: &StepContext) -> Result<u32, std::io::Error> {
    if cx.attempt() == 0 && parcel.street.starts_with('B') {
        return Err(std::io::Error::other("dropped it, once more"));
    }
    Ok(van.0.fetch_add(1, Ordering::SeqCst) + 1)
}

workflow! {
    /// Weighs a parcel and puts it into the van.
    Shipping<Parcel -> String>(parcel) {
        let weight = weigh(&parcel).await?;
        let number = load(&parcel).await?;
        Ok(format!("parcel {number} to {}, {weight} kg", parcel.street))
    }
}

workflow! {
    /// Ships every parcel of a round.
    Round<Vec<Parcel> -> Vec<String>>(mut parcels) {
        let mut shipped: Vec<String> = Vec::new();
        while let Some(parcel) = parcels.pop() {
            let parcel: Parcel = parcel;
            let line = Shipping(parcel).await?;
            shipped.push(line);
        }
        Ok(shipped)
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let runtime = Runtime::builder(Depot::default()).register::<Round>().build().await?;
    let parcels = ["Ash Lane", "Birch Road", "Cedar Close"].map(|street| Parcel { street: street.to_owned() });
    let run = runtime.start::<Round>(parcels.to_vec()).await?;
    for line in run.outcome().await?.completed()? {
        println!("{line}");
    }
    Ok(())
}

#[cfg(test)]
#[path = "states/nested.rs"]
mod states;
