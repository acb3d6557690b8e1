//! An arm for each item of a list, a loop over what they gave, and the first of an answer and a deadline.
//!
//! ```sh
//! cargo run --example pages            # nobody answers in time
//! cargo run --example pages -- yes
//! ```

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use flow_runtime::{Error, Runtime, step, suspend, workflow};
use futures::TryStreamExt;

#[step]
async fn fetch(page: u32) -> Result<String, Infallible> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(format!("the text of page {page}"))
}

#[step]
async fn shorten(text: &str) -> Result<String, Infallible> {
    Ok(text.trim_start_matches("the text of ").to_owned())
}

#[suspend(resume = bool)]
fn approval(lines: &[String]) -> String {
    format!("Shall we print {}?", lines.join(", "))
}

#[step]
async fn deadline(milliseconds: u64) -> Result<(), Infallible> {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    Ok(())
}

workflow! {
    /// Fetches pages, two at a time, and prints them if somebody agrees in time.
    Pages<Vec<u32> -> String>(numbers) {
        let pages = try_join_all!(&numbers, |number| fetch(*number), limit = 2)?;

        let mut lines: Vec<String> = Vec::new();
        for page in &pages {
            lines.push(shorten(page).await?);
        }

        let agreed = select! {
            answer = approval(&lines) => answer?,
            _late = deadline(500) => false,
        };
        Ok(if agreed { lines.join("\n") } else { "not printed".to_owned() })
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let yes = std::env::args().nth(1).is_some_and(|answer| answer == "yes");
    let runtime = Runtime::builder(()).register::<Pages>().build().await?;
    let run = runtime.start::<Pages>(vec![1, 2, 3]).await?;
    // The run is not at rest while the deadline is a step, so this waits for the event and not for the outcome.
    let mut events = pin!(run.events(0));
    while let Some(event) = events.try_next().await? {
        if yes && event.fact.name() == "step.suspended" {
            run.pending().await?.one::<approval>()?.resume(true).await?;
        }
    }
    println!("{}", run.outcome().await?.completed()?);
    runtime.shutdown().await
}

#[cfg(test)]
#[path = "states/pages.rs"]
mod states;
