//! Asks for a payment, reminds when it is late, and gives up in the end. Days are seconds here.
//!
//! ```sh
//! cargo run --example reminder          # pays after the first reminder
//! cargo run --example reminder -- never # does not pay
//! ```

use std::convert::Infallible;
use std::time::Duration;

use flow_runtime::{Error, Outcome, Runtime, signal, sleep, step, workflow};

const DAY: Duration = Duration::from_secs(1);

#[step]
async fn send(name: &str, text: &str) -> Result<(), Infallible> {
    println!("to {name}: {text}");
    Ok(())
}

workflow! {
    /// Asks a customer for a payment, three times at most.
    Reminder<String -> Option<u32>>(name) {
        let mut text: String = "here is our bill".to_owned();
        let mut asked: u32 = 0;
        while asked < 3 {
            send(&name, &text).await?;
            let paid = select! {
                cents = signal::<u32>("payment") => Some(cents?),
                _ = sleep(2 * DAY) => None,
            };
            if paid.is_some() {
                return Ok(paid);
            }
            asked += 1;
            text = format!("reminder {asked}: please pay");
        }
        Ok(None)
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let runtime = Runtime::builder(()).register::<Reminder>().build().await?;
    let run = runtime.start::<Reminder>("Ada".to_owned()).await?;
    if std::env::args().nth(1).is_none_or(|word| word != "never") {
        tokio::time::sleep(3 * DAY).await;
        run.signal("payment", &4_200).await?;
    }
    let paid = loop {
        match run.outcome().await? {
            // It goes on by itself when the deadline is over.
            Outcome::Suspended(_) => tokio::time::sleep(DAY / 10).await,
            ended => break ended.completed()?,
        }
    };
    println!("{}", paid.map_or_else(|| "never paid".to_owned(), |cents| format!("paid {cents}")));
    Ok(())
}

#[cfg(test)]
#[path = "states/reminder.rs"]
mod states;
