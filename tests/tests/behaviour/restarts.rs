//! A PostgreSQL that is restarted and crashes under many runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flow_runtime::event::Fact;
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Error, Outcome, Provide, RunId, Runtime, StepContext, step, workflow};
use futures::TryStreamExt;
use futures::future::join_all;

const RUNS: u32 = 1_000;
const STEPS: u32 = 6;

/// The idempotency keys of the steps that were executed, by run.
#[derive(Default)]
struct Executed(Mutex<HashMap<RunId, Vec<String>>>);

#[derive(Default, Provide)]
struct App {
    executed: Arc<Executed>,
}

#[step]
async fn work(n: u32, #[resource] executed: &Arc<Executed>, #[context] cx: &StepContext) -> Result<u32, Error> {
    executed.0.lock().unwrap().entry(cx.run().unwrap()).or_default().push(cx.idempotency_key());
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(n + 1)
}

workflow! {
    Chain<u32 -> u32>(mut n) {
        let end: u32 = n + STEPS;
        while n < end {
            n = work(n).await?;
        }
        Ok(n)
    }
}

/// Whatever is asked of a store that is away is asked again.
async fn again<T>(mut ask: impl AsyncFnMut() -> Result<T, Error>) -> T {
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => assert!(error.is_store(), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_finish_whatever_becomes_of_the_server() {
    if PostgresServer::shared().is_none() {
        return;
    }
    let server = Arc::new(PostgresServer::start().unwrap());
    let (store, app) = (server.store().await.unwrap(), App::default());
    let executed = app.executed.clone();
    let runtime = Runtime::builder(app).store(store).register::<Chain>().build().await.unwrap();
    let restarts = tokio::spawn(async move {
        for round in 0..6 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let server = Arc::clone(&server);
            let again = move || if round % 2 == 0 { server.crash() } else { server.restart() };
            tokio::task::spawn_blocking(again).await.unwrap().unwrap();
        }
        server
    });
    let runs = (0..RUNS).map(async |n| {
        let run = again(async || runtime.start::<Chain>(n).key(format!("run {n}")).await).await;
        let Outcome::Completed(sum) = again(async || run.outcome().await).await else { panic!("run {n} failed") };
        assert_eq!(sum, n + STEPS);
        let events: Vec<_> = again(async || run.events(0).try_collect().await).await;
        assert!(events.iter().map(|event| event.seq).eq(0..events.len() as u64));
        let count = |is: fn(&Fact) -> bool| events.iter().filter(|event| is(&event.fact)).count();
        let completed = count(|fact| matches!(fact, Fact::StepCompleted { .. }));
        assert_eq!(completed, STEPS as usize, "a step of run {n} was recorded twice, or not at all");
        // A server that is away for too long costs the lease; then the step that was cut off runs again, and no other.
        let recovered = count(|fact| matches!(fact, Fact::RunRecovered));
        let mut keys = executed.0.lock().unwrap().remove(&run.id()).unwrap();
        assert!(keys.len() <= STEPS as usize + recovered, "{keys:?}, recovered {recovered} times");
        keys.dedup();
        assert_eq!(keys.len(), STEPS as usize, "another step than the one that was cut off ran again");
    });
    tokio::time::timeout(Duration::from_secs(120), join_all(runs)).await.expect("a run is lost");
    drop(restarts.await.unwrap());
}
