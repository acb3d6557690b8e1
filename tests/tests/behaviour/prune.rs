//! Runs that are over are deleted when they are old enough.

use std::time::Duration;

use flow_runtime::store::RunFilter;
use flow_runtime::{Error, Outcome, Run, Runtime, step, suspend, workflow};
use tests::modes;

#[suspend(resume = bool)]
fn review(text: &str) -> String {
    text.to_owned()
}

#[step]
async fn print(text: &str) -> Result<String, Error> {
    if text == "fail" { Err(Error::new("no paper")) } else { Ok(text.to_owned()) }
}

workflow! {
    Letter<String -> String>(text) {
        let printed = print(&text).await?;
        if printed == "ask" {
            review(&printed).await?;
        }
        Ok(printed)
    }
}

async fn ended(runtime: &Runtime<()>, text: &str) -> Run<Letter> {
    let run = runtime.start::<Letter>(text.to_owned()).key(text).await.unwrap();
    let _ = run.outcome().await.unwrap();
    run
}

async fn left(runtime: &Runtime<()>) -> Vec<String> {
    let runs = runtime.runs(RunFilter::default()).await.unwrap();
    let mut left: Vec<_> = runs.into_iter().map(|row| row.input.decode().unwrap()).collect();
    left.sort();
    left
}

#[tokio::test]
async fn what_is_over_and_old_is_deleted() {
    let runtime = Runtime::builder(()).store(modes::store().await).register::<Letter>().build().await.unwrap();
    let done = ended(&runtime, "done").await;
    let failed = ended(&runtime, "fail").await;
    ended(&runtime, "ask").await;
    assert_eq!(runtime.prune(Duration::from_hours(1)).await.unwrap(), 0, "nothing is that old");
    // What is timed in whole milliseconds has not changed since the one it is looked at in.
    tokio::time::sleep(Duration::from_millis(2)).await;

    assert_eq!(runtime.prune(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(left(&runtime).await, ["ask", "fail"]);
    assert!(done.status().await.unwrap_err().is_unknown_run());
    assert_ne!(ended(&runtime, "done").await.id(), done.id(), "its key is free again");

    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(runtime.prune_failed(Duration::ZERO).await.unwrap(), 2);
    assert_eq!(left(&runtime).await, ["ask"]);
    assert!(runtime.retry(failed.id()).await.unwrap_err().is_unknown_run());
    assert_eq!(runtime.prune(Duration::MAX).await.unwrap(), 0, "nothing is older than time");
}

#[tokio::test]
async fn more_than_one_transaction_takes_are_deleted() {
    let runtime = Runtime::builder(()).store(modes::store().await).register::<Letter>().build().await.unwrap();
    for text in 0..230 {
        ended(&runtime, &text.to_string()).await;
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(runtime.prune(Duration::ZERO).await.unwrap(), 230);
    assert_eq!(left(&runtime).await, [""; 0]);
}

#[tokio::test]
async fn a_runtime_with_a_retention_deletes_by_itself() {
    let builder = Runtime::builder(()).store(modes::store().await).register::<Letter>();
    let runtime = builder.retention(Duration::from_millis(300)).build().await.unwrap();
    let run = runtime.start::<Letter>("done".to_owned()).await.unwrap();
    assert!(matches!(run.outcome().await.unwrap(), Outcome::Completed(_)));
    ended(&runtime, "fail").await;
    ended(&runtime, "ask").await;
    let gone = async {
        while left(&runtime).await.len() > 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("it is deleted");
    assert_eq!(left(&runtime).await, ["ask", "fail"]);
}
