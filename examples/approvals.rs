//! Two approvals in parallel arms, given one by one, each from another process if you like.
//!
//! ```sh
//! cargo run --example approvals                                # starts a run and prints the commands that go on
//! cargo run --example approvals -- RUN manager_finance#0/finance#0 yes
//! ```

use std::convert::Infallible;
use std::process::ExitCode;

use flow_runtime::store::Sqlite;
use flow_runtime::{Error, Outcome, Run, Runtime, step, suspend, workflow};

#[suspend(resume = bool)]
fn manager(purchase: &str) -> String {
    format!("Shall we buy {purchase}?")
}

#[suspend(resume = bool)]
fn finance(purchase: &str) -> String {
    format!("Can we pay for {purchase}?")
}

#[step]
async fn order(purchase: &str) -> Result<String, Infallible> {
    Ok(format!("{purchase}: ordered"))
}

workflow! {
    /// A purchase that two people have to approve, in any order.
    Purchase<String -> String>(purchase) {
        let (wanted, paid) = try_join!(manager(&purchase), finance(&purchase))?;
        if wanted && paid {
            return order(&purchase).await;
        }
        Ok(format!("{purchase}: refused"))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match approvals(std::env::args().skip(1).collect()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn approvals(args: Vec<String>) -> Result<(), Error> {
    let store = Sqlite::open(std::env::temp_dir().join("approvals.db"))?;
    let runtime = Runtime::builder(()).store(store).register::<Purchase>().build().await?;
    let run = match args.as_slice() {
        [] => runtime.start::<Purchase>("a coffee machine".to_owned()).await?,
        [run, address, answer] if answer == "yes" || answer == "no" => {
            let id = run.parse()?;
            runtime.resume(id, address, (answer == "yes").into()).await?;
            runtime.run::<Purchase>(id).await?
        }
        _ => return Err(Error::new("write `approvals`, or `approvals RUN ADDRESS yes|no`")),
    };
    show(&run).await?;
    runtime.shutdown().await
}

async fn show(run: &Run<Purchase>) -> Result<(), Error> {
    match run.outcome().await? {
        Outcome::Suspended(pending) => pending.iter().for_each(|open| {
            println!("{}\n    cargo run --example approvals -- {} {} yes", open.payload, run.id(), open.address());
        }),
        other => println!("{}", other.completed()?),
    }
    Ok(())
}

#[cfg(test)]
#[path = "states/approvals.rs"]
mod states;
