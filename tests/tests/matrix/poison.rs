//! A run that kills its process each time it is driven.

use std::convert::Infallible;
use std::env;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use flow_runtime::store::Sqlite;
use flow_runtime::{Outcome, Run, Runtime, step, workflow};

/// Set in the processes that are to die.
const FILE: &str = "FLOW_POISON_FILE";
const NAME: &str = "poison::a_run_that_kills_its_process_fails_and_the_others_go_on";
const RECOVERIES: u32 = 2;

#[step]
async fn poison(dose: u32) -> Result<u32, Infallible> {
    if env::var_os(FILE).is_some() {
        std::process::abort();
    }
    Ok(dose)
}

#[step]
async fn walk(steps: u32) -> Result<u32, Infallible> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(steps + 1)
}

workflow! { Drink<u32 -> u32>(dose) { poison(dose).await } }

workflow! {
    Walk<u32 -> u32>(length) {
        let mut steps: u32 = 0;
        while steps < length {
            steps = walk(steps).await?;
        }
        Ok(steps)
    }
}

/// One process: it takes up what there is, and begins what there is not.
async fn process(file: &Path) -> (Runtime<()>, Run<Drink>, Run<Walk>) {
    let builder = Runtime::builder(()).store(Sqlite::open(file).unwrap()).register::<Drink>().register::<Walk>();
    let runtime = builder.lease(Duration::from_millis(300)).recoveries(RECOVERIES).build().await.unwrap();
    let walk = runtime.start::<Walk>(30).key("walk").await.unwrap();
    let drink = runtime.start::<Drink>(7).key("drink").await.unwrap();
    (runtime, drink, walk)
}

#[tokio::test]
async fn a_run_that_kills_its_process_fails_and_the_others_go_on() {
    if let Some(file) = env::var_os(FILE) {
        let (_runtime, drink, walk) = process(file.as_ref()).await;
        assert_eq!(walk.outcome().await.unwrap().completed().unwrap(), 30);
        assert!(matches!(drink.outcome().await.unwrap(), Outcome::Failed(_)));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs.db");
    let child = || {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", NAME]).env(FILE, &file).stdin(Stdio::null()).output().unwrap()
    };
    let died = (0..20).take_while(|_| !child().status.success()).count();
    assert_eq!(died, 1 + RECOVERIES as usize, "{}", said(&child()));

    let (runtime, drink, walk) = process(&file).await;
    assert_eq!(walk.outcome().await.unwrap().completed().unwrap(), 30);
    let error = drink.outcome().await.unwrap().completed().unwrap_err();
    assert!(error.is_poisoned() && error.path() == Some("drink/poison"), "{error:?}");
    assert_eq!(error.to_string(), "3 processes in a row died with this run: find out why, then retry it");
    runtime.retry(drink.id()).await.unwrap();
    assert_eq!(drink.outcome().await.unwrap().completed().unwrap(), 7, "cured, it goes on");
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
