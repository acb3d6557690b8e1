//! Clocks that jump, timers that are all due at once, and a process that was away when its timer was due.

use std::time::{Duration, SystemTime};

use flow_runtime::store::sqlite::Synchronous;
use flow_runtime::store::{Memory, Sqlite, Store};
use flow_runtime::testing::{Clock, PostgresServer};
use flow_runtime::{Run, RunId, Runtime, Workflow, sleep, sleep_until, workflow};
use futures::{StreamExt, TryStreamExt, stream};

const HOUR: Duration = Duration::from_secs(3600);

/// The store keeps whole milliseconds.
const MILLISECOND: Duration = Duration::from_millis(1);

workflow! {
    Nap<Duration -> u32>(long) {
        sleep(long).await?;
        Ok(1)
    }
}

workflow! {
    Until<SystemTime -> u32>(time) {
        sleep_until(time).await?;
        Ok(1)
    }
}

async fn runtime(store: impl Store, clock: &Clock) -> Runtime<()> {
    let builder = Runtime::builder(()).store(store).clock(clock).linger(Duration::ZERO);
    builder.register::<Nap>().register::<Until>().build().await.unwrap()
}

async fn sleeping(runtime: &Runtime<()>, runs: usize) {
    while runtime.history().timers(runs).await.unwrap().len() < runs {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn fired(runtime: &Runtime<()>, run: RunId) -> Vec<SystemTime> {
    let events = runtime.history().events(run, 0).await.unwrap();
    events.iter().filter(|event| event.fact.name() == "timer.fired").map(|event| event.time).collect()
}

/// What a run gives; it is not waited for for ever.
async fn given<W: Workflow<(), Output = u32>>(run: &Run<W>) -> u32 {
    let outcome = tokio::time::timeout(Duration::from_secs(60), run.outcome()).await;
    outcome.expect("it fires late, and not never").unwrap().completed().unwrap()
}

/// A process whose clock is an hour ahead of the next one's: the sleep ends at the time that was stored, by whatever clock is
/// there then, and not a second time when the clock comes past it again.
async fn jumps(first: impl Store, second: impl Store) {
    let (ahead, back) = (Clock::new(), Clock::new());
    ahead.advance(HOUR);
    let one = runtime(first, &ahead).await;
    let over = one.start::<Nap>(HOUR / 2).await.unwrap();
    sleeping(&one, 1).await;
    ahead.advance(HOUR);
    assert_eq!(given(&over).await, 1);
    let kept = one.start::<Nap>(HOUR / 2).await.unwrap().id();
    sleeping(&one, 1).await;
    one.shutdown().await.unwrap();

    let two = runtime(second, &back).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(fired(&two, kept).await.is_empty(), "its time has not come by this clock");
    let (moved, due) = (back.advance_to_next().await, HOUR * 5 / 2);
    assert!(moved <= due + MILLISECOND && moved + Duration::from_secs(20) > due, "{moved:?}");
    let kept = two.run::<Nap>(kept).await.unwrap();
    assert_eq!(given(&kept).await, 1);
    for run in [over.id(), kept.id()] {
        assert_eq!(fired(&two, run).await.len(), 1);
    }
}

/// A sleep of an hour, and nobody there for two.
async fn away(first: impl Store, second: impl Store) {
    let clock = Clock::new();
    let one = runtime(first, &clock).await;
    let run = one.start::<Nap>(HOUR).await.unwrap().id();
    sleeping(&one, 1).await;
    one.shutdown().await.unwrap();
    clock.advance(2 * HOUR);
    let two = runtime(second, &clock).await;
    assert_eq!(given(&two.run::<Nap>(run).await.unwrap()).await, 1);
    let fired = fired(&two, run).await;
    assert_eq!(fired.len(), 1);
    assert!(clock.now().duration_since(fired[0]).unwrap() <= MILLISECOND, "when it fired, and not when it was due");
}

/// Every run sleeps until the same moment.
async fn at_once(store: impl Store, runs: usize) {
    let clock = Clock::new();
    let runtime = runtime(store, &clock).await;
    let time = clock.now() + HOUR;
    let start = |_| async { runtime.start::<Until>(time).await };
    let started: Vec<_> = stream::iter(0..runs).map(start).buffer_unordered(64).try_collect().await.unwrap();
    sleeping(&runtime, runs).await;
    clock.advance(HOUR);
    for run in &started {
        assert_eq!(given(run).await, 1);
        assert_eq!(fired(&runtime, run.id()).await.len(), 1);
    }
    assert!(runtime.history().timers(1).await.unwrap().is_empty());
}

fn file(folder: &tempfile::TempDir) -> Sqlite {
    Sqlite::options().synchronous(Synchronous::Normal).open(folder.path().join("flow.db")).unwrap()
}

#[tokio::test]
async fn clocks_jump_and_processes_are_away_in_memory() {
    let store = Memory::default();
    jumps(store.clone(), store).await;
    let store = Memory::default();
    away(store.clone(), store).await;
}

#[tokio::test]
async fn clocks_jump_and_processes_are_away_in_sqlite() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    jumps(file(&one), file(&one)).await;
    away(file(&two), file(&two)).await;
}

#[tokio::test]
async fn clocks_jump_and_processes_are_away_in_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    jumps(store.clone(), store).await;
    let store = server.store().await.unwrap();
    away(store.clone(), store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_timers_are_due_at_once() {
    let folder = tempfile::tempdir().unwrap();
    at_once(file(&folder), 10_000).await;
}
