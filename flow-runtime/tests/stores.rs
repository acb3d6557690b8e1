//! Stores that fail, and the store on disk.

mod machines;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::encoded::Encoded;
use flow_runtime::event::Event;
use flow_runtime::store::{
    Checkpoint, Claim, Committed, History, InboxRow, Memory, Record, Refused, RunFilter, RunRow, Store, SuspensionRow, TimerRow,
    ValueId, WorkerId,
};
use flow_runtime::{Error, RunId, RunStatus, Runtime};
use futures::FutureExt;
use futures::future::BoxFuture;

use machines::{App, Linear, Looping, review};

/// A store that takes records only now and then, or none at all.
#[derive(Clone, Default)]
struct Moody {
    memory: Memory,
    /// One of so many groups fails; 0 for none.
    every: Arc<AtomicU64>,
    groups: Arc<AtomicU64>,
    down: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
}

impl Store for Moody {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        let (group, every) = (self.groups.fetch_add(1, Ordering::SeqCst), self.every.load(Ordering::SeqCst));
        if self.down.load(Ordering::SeqCst) || (every > 0 && group % every == every - 1) {
            self.refused.fetch_add(batch.len(), Ordering::SeqCst);
            let failed = batch.iter().map(|_| Err(Refused::Store(Error::new("the disk is full")))).collect();
            return async move { failed }.boxed();
        }
        self.memory.commit(batch)
    }
}

impl History for Moody {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.memory.runs(filter)
    }
    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.memory.run(run)
    }
    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(String, Vec<u8>)>, Error>> {
        self.memory.frames(run)
    }
    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.memory.values(run)
    }
    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.memory.events(run, from)
    }
    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.memory.suspensions(run)
    }
    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.memory.inbox(run)
    }
    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.memory.timers(limit)
    }
    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.memory.checkpoints(run)
    }
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.memory.owned(worker)
    }
}

#[cfg(feature = "conformance")]
mod conformance {
    flow_runtime::store::conformance::suite!(super::Moody::default());
}

#[tokio::test]
async fn a_store_that_fails_now_and_then_costs_time_and_no_run() {
    let store = Moody::default();
    let builder = Runtime::builder(App::default()).store(store.clone()).linger(Duration::ZERO);
    let runtime = builder.register::<Looping>().build().await.unwrap();
    let run = runtime.start::<Looping>(0).await.unwrap();
    store.every.store(3, Ordering::SeqCst);
    for turn in 0..10 {
        let open = run.outcome().await.unwrap().suspended().unwrap().one::<review>().unwrap();
        while let Err(error) = open.resume(turn == 9).await {
            assert!(!error.is_already_resumed(), "{error}");
        }
    }
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 10);
    assert!(store.refused.load(Ordering::SeqCst) > 5);
}

/// Down for longer than a commit is tried: the run is dropped, and taken up again once the store is back.
#[tokio::test]
async fn a_store_that_was_down_gets_its_runs_going_again() {
    let (store, app) = (Moody::default(), App::gated());
    let builder = Runtime::builder(app.clone()).store(store.clone()).lease(Duration::from_millis(900));
    let runtime = builder.register::<Linear>().build().await.unwrap();
    let run = runtime.start::<Linear>(0).await.unwrap();
    app.until_called("linear/one#0").await;
    store.down.store(true, Ordering::SeqCst);
    app.open(1);
    tokio::time::sleep(Duration::from_millis(3000)).await;
    assert_eq!(run.status().await.unwrap(), RunStatus::Running);
    store.down.store(false, Ordering::SeqCst);
    app.open(10);
    let outcome = tokio::time::timeout(Duration::from_secs(5), run.outcome()).await.expect("it is lost");
    assert_eq!(outcome.unwrap().completed().unwrap(), 2);
}

/// A holder that cannot renew its lease lets go of its runs before others take them.
#[tokio::test]
async fn a_holder_without_a_lease_stops() {
    let (store, app) = (Moody::default(), App::gated());
    let lease = Duration::from_millis(300);
    let runtime = Runtime::builder(app.clone()).store(store.clone()).lease(lease).register::<Linear>().build().await.unwrap();
    let run = runtime.start::<Linear>(0).await.unwrap();
    app.until_called("linear/one#0").await;
    store.down.store(true, Ordering::SeqCst);
    let start = std::time::Instant::now();
    while app.dropped.load(Ordering::SeqCst) == 0 {
        assert!(start.elapsed() < Duration::from_secs(2), "its step still runs");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    store.down.store(false, Ordering::SeqCst);
    app.open(10);
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 2);
}

#[cfg(feature = "sqlite")]
#[tokio::test(flavor = "multi_thread")]
async fn runs_outlive_their_process_on_disk() {
    use flow_runtime::store::Sqlite;
    use futures::future::join_all;
    use machines::{Fan, ask};
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let open = || async {
        let builder = Runtime::builder(App::default()).store(Sqlite::open(&file).unwrap()).linger(Duration::ZERO);
        builder.register::<Looping>().register::<Fan>().build().await.unwrap()
    };
    let first = open().await;
    let fan = first.start::<Fan>(300).key("fan").await.unwrap();
    let loops = join_all((0..20).map(|n| first.start::<Looping>(n).into_future())).await;
    let ids: Vec<_> = loops.iter().map(|run| run.as_ref().unwrap().id()).collect();
    fan.outcome().await.unwrap().suspended().unwrap();
    first.shutdown().await.unwrap();
    drop((fan, loops, first));

    let second = open().await;
    let fan = second.start::<Fan>(300).key("fan").await.unwrap();
    let pending = fan.outcome().await.unwrap().suspended().unwrap();
    let answers = pending.all::<ask>().into_iter().map(|open| tokio::spawn(async move { open.resume(1).await }));
    join_all(answers).await.into_iter().for_each(|answered| answered.unwrap().unwrap());
    assert_eq!(fan.outcome().await.unwrap().completed().unwrap(), 300);
    for (n, id) in ids.into_iter().enumerate() {
        let run = second.run::<Looping>(id).await.unwrap();
        run.outcome().await.unwrap().suspended().unwrap().one::<review>().unwrap().resume(true).await.unwrap();
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), n as u32 + 1);
    }
}
