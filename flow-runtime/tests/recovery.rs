//! What becomes of a run when the process that drives it goes, and what a process that has lost it may do.

mod machines;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flow_runtime::event::Fact;
use flow_runtime::store::{Committed, History, KeptBack, Record, RunFilter, Store};
use flow_runtime::{RunId, RunStatus, Runtime};
use futures::TryStreamExt;
use serde_json::json;

use machines::{App, Linear, Looping, Pair, ask, review};

const LEASE: Duration = Duration::from_millis(400);

async fn runtime(app: &App, store: &Arc<dyn Store>) -> Runtime<App> {
    let builder = Runtime::builder(app.clone()).store(store.clone()).lease(LEASE).linger(Duration::ZERO);
    builder.register::<Linear>().register::<Looping>().register::<Pair>().build().await.unwrap()
}

/// A process of its own, which ends without a word when it is killed.
struct Process(tokio::runtime::Runtime);

impl Process {
    fn start() -> Self {
        Self(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
    }

    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.0.spawn(work).await.unwrap()
    }

    fn kill(self) {
        self.0.shutdown_background();
    }
}

#[tokio::test]
async fn a_killed_process_loses_no_run() {
    let (store, app) = (machines::store().await, App::gated());
    let process = Process::start();
    let (runtime_of_dead, id) = {
        let (store, app) = (store.clone(), app.clone());
        process
            .run(async move {
                let runtime = runtime(&app, &store).await;
                let run = runtime.start::<Pair>(0).await.unwrap();
                app.until_called("pair/both#0/right#0/work#0").await;
                app.open(1);
                while run.pending().await.unwrap().iter().count() == 0 {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                (runtime, run.id())
            })
            .await
    };
    process.kill();
    drop(runtime_of_dead);
    let next = runtime(&app, &store).await;
    app.open(10);
    let run = next.run::<Pair>(id).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    for open in pending.all::<ask>() {
        open.resume(21).await.unwrap();
    }
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 42);
    // The arm that waited was not done again; the one that worked was.
    assert_eq!((app.calls_of("pair/both#0/left#0/work#0"), app.calls_of("pair/both#0/right#0/work#0")), (1, 2));
    let events: Vec<_> = run.events(0).try_collect().await.unwrap();
    assert!(events.iter().any(|event| matches!(event.fact, Fact::RunRecovered)));
    assert!(events.iter().map(|event| event.seq).eq(0..events.len() as u64));
}

#[tokio::test]
async fn a_dropped_runtime_gives_its_runs_back_at_once() {
    let (store, app) = (machines::store().await, App::gated());
    let first = Runtime::builder(app.clone()).store(store.clone()).register::<Linear>().build().await.unwrap();
    let id = first.start::<Linear>(0).await.unwrap().id();
    app.until_called("linear/one#0").await;
    drop(first);
    app.open(10);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let next = runtime(&app, &store).await;
    let outcome = tokio::time::timeout(Duration::from_secs(2), async { next.run::<Linear>(id).await?.outcome().await }).await;
    assert_eq!(outcome.unwrap().unwrap().completed().unwrap(), 2);
}

/// A process that is taken for dead and is not.
#[tokio::test]
async fn what_a_zombie_writes_is_refused() {
    let (store, app) = (machines::store().await, App::gated());
    let runtime = runtime(&app, &store).await;
    let run = runtime.start::<Linear>(0).await.unwrap();
    app.until_called("linear/one#0").await;
    let thief = uuid::Uuid::now_v7();
    let later = SystemTime::now() + Duration::from_secs(60);
    let lease = Record::Lease { worker: thief, until: later + Duration::from_secs(60) };
    let claim = Record::Claim { run: run.id(), worker: thief, now: later };
    let answers = store.commit(vec![lease, claim]).await;
    assert!(matches!(&answers[1], Ok(Committed::Claimed(claims)) if claims[0].epoch == 2), "{answers:?}");
    let before = store.events(run.id(), 0).await.unwrap().len();
    app.open(10);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(store.events(run.id(), 0).await.unwrap().len(), before, "nothing of the zombie's is written");
    assert_eq!(run.status().await.unwrap(), RunStatus::Running);
}

#[tokio::test]
async fn two_processes_share_a_store() {
    let (store, app) = (machines::store().await, App::default());
    let (one, other) = (runtime(&app, &store).await, runtime(&app, &store).await);
    let run = one.start::<Looping>(0).await.unwrap();
    let seen = other.run::<Looping>(run.id()).await.unwrap();
    let watcher = tokio::spawn(seen.events(0).try_collect::<Vec<_>>());
    for turn in 0..10 {
        let asked = if turn % 2 == 0 { &run } else { &seen };
        let open = asked.outcome().await.unwrap().suspended().unwrap().one::<review>().unwrap();
        assert_eq!(open.address(), format!("review#{turn}"));
        open.resume(turn == 9).await.unwrap();
    }
    assert_eq!(seen.outcome().await.unwrap().completed().unwrap(), 10);
    let events = watcher.await.unwrap().unwrap();
    assert!(events.iter().map(|event| event.seq).eq(0..events.len() as u64));
}

/// An answer that another process takes reaches the process that has the run, which is still in memory there.
#[tokio::test]
async fn an_answer_reaches_the_process_that_has_the_run() {
    let (store, app) = (machines::store().await, App::default());
    let long = Runtime::builder(app.clone()).store(store.clone()).linger(Duration::from_secs(60));
    let holder = long.register::<Looping>().build().await.unwrap();
    let run = holder.start::<Looping>(0).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap();
    let other = runtime(&app, &store).await;
    other.resume(run.id(), "review#0", json!(true)).await.unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(2), run.outcome()).await.unwrap();
    assert_eq!(outcome.unwrap().completed().unwrap(), 1);
    assert!(!store.events(run.id(), 0).await.unwrap().iter().any(|event| matches!(event.fact, Fact::RunRecovered)));
}

#[tokio::test]
async fn runs_of_unknown_workflows_are_left_to_others() {
    let (store, app) = (machines::store().await, App::gated());
    let first = runtime(&app, &store).await;
    let id = first.start::<Linear>(0).await.unwrap().id();
    app.until_called("linear/one#0").await;
    first.shutdown().await.unwrap();
    let stranger = Runtime::builder(app.clone()).store(store.clone()).register::<Looping>().build().await.unwrap();
    assert!(stranger.retry(id).await.unwrap_err().is_unknown_workflow());
    app.open(10);
    let next = runtime(&app, &store).await;
    let outcome = tokio::time::timeout(Duration::from_secs(2), async { next.run::<Linear>(id).await?.outcome().await }).await;
    assert_eq!(outcome.unwrap().unwrap().completed().unwrap(), 2);
}

#[tokio::test]
async fn a_shutdown_parks_what_waits() {
    let (store, app) = (machines::store().await, App::default());
    let builder = Runtime::builder(app.clone()).store(store.clone()).linger(Duration::from_secs(60));
    let first = builder.register::<Looping>().build().await.unwrap();
    let run = first.start::<Looping>(0).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap();
    assert_eq!(run.status().await.unwrap(), RunStatus::Running);
    first.shutdown().await.unwrap();
    assert_eq!(run.status().await.unwrap(), RunStatus::Suspended);
    assert!(first.start::<Looping>(0).await.unwrap_err().to_string().contains("shut down"));
}

#[tokio::test]
async fn a_run_that_does_not_fit_fails_and_can_be_retried() {
    let (store, app) = (machines::store().await, App::gated());
    let first = runtime(&app, &store).await;
    let id: RunId = first.start::<Linear>(0).await.unwrap().id();
    app.until_called("linear/one#0").await;
    let frame = store.frames(id).await.unwrap()[0].1.clone();
    first.shutdown().await.unwrap();
    let damage = |bytes: Vec<u8>, epoch: u64| {
        let frame =
            flow_runtime::store::FrameRow { path: "linear".into(), place: "one".into(), bytes, values: vec![], dead: vec![] };
        let (now, frame) = (SystemTime::now(), Some(frame));
        let (left, opens, end, facts) = (None, None, None, vec![]);
        Record::Transition(Box::new(flow_runtime::store::Transition {
            run: id,
            epoch,
            frame,
            left,
            opens,
            end,
            facts,
            now,
            again: false,
            kept_back: KeptBack::default(),
        }))
    };
    let mut flipped = frame.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(store.commit(vec![damage(flipped, 1)]).await[0].is_ok());
    let next = runtime(&app, &store).await;
    let run = next.run::<Linear>(id).await.unwrap();
    let error = run.outcome().await.unwrap().completed().unwrap_err();
    assert!(
        error.is_incompatible() && error.to_string().contains(&id.to_string()) && error.path() == Some("linear"),
        "{error:?}"
    );
    assert_eq!(next.runs(RunFilter::default()).await.unwrap().len(), 1);
    app.open(10);
    run.retry().await.unwrap();
    assert!(run.outcome().await.unwrap().completed().unwrap_err().is_incompatible(), "it is still damaged");
}
