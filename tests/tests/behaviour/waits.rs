//! Sleeps and signals.

use std::time::{Duration, Instant, SystemTime};

use flow_runtime::store::sqlite::Synchronous;
use flow_runtime::store::{History, Sqlite, Store, WaitsFor};
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Error, Outcome, RunId, Runtime, signal, sleep, sleep_until, workflow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tests::modes;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Payment {
    cents: u32,
}

workflow! {
    Nap<u64 -> u64>(millis) {
        sleep(Duration::from_millis(millis)).await?;
        Ok(millis)
    }
}

workflow! {
    Long<SystemTime -> u32>(time) {
        sleep_until(time).await?;
        Ok(1)
    }
}

workflow! {
    Sum<u32 -> Vec<u32>>(turns) {
        let mut all: Vec<u32> = Vec::new();
        while (all.len() as u32) < turns {
            let paid = signal::<Payment>("payment").await?;
            all.push(paid.cents);
        }
        Ok(all)
    }
}

workflow! {
    Turns<u32 -> u32>(turns) {
        let mut done: u32 = 0;
        while done < turns {
            sleep(Duration::from_millis(3)).await?;
            done += 1;
        }
        Ok(done)
    }
}

workflow! {
    Both<u32 -> u32>(more) {
        let (paid, _, note) = try_join!(
            signal::<Payment>("payment"),
            sleep(Duration::from_millis(20)),
            #[at(note)] signal::<String>("note"),
        )?;
        Ok(paid.cents + note.len() as u32 + more)
    }
}

workflow! {
    Deadline<u64 -> Option<u32>>(millis) {
        let paid = select! {
            paid = signal::<Payment>("payment") => Some(paid?.cents),
            _ = sleep(Duration::from_millis(millis)) => None,
        };
        Ok(paid)
    }
}

async fn runtime(store: impl Store) -> Result<Runtime<()>, Error> {
    let builder = modes::driven(Runtime::builder(())).store(store).linger(Duration::ZERO).lease(Duration::from_millis(500));
    let builder = builder.register::<Nap>().register::<Long>().register::<Sum>().register::<Turns>();
    builder.register::<Both>().register::<Deadline>().build().await
}

async fn names(store: &dyn History, run: RunId) -> Vec<&'static str> {
    store.events(run, 0).await.unwrap().iter().map(|event| event.fact.name()).collect()
}

#[tokio::test]
async fn without_a_runtime_a_sleep_sleeps_and_a_signal_comes_back() {
    let begun = Instant::now();
    assert_eq!(Nap::run(&(), 60).await.completed().unwrap(), 60);
    assert!(begun.elapsed() >= Duration::from_millis(60));

    let mut parked = Sum::run(&(), 2).await.suspended().unwrap();
    assert_eq!(parked.pending[0].waits_for, WaitsFor::Signal { name: "payment".to_owned() });
    parked.signal("payment", &Payment { cents: 1 }).unwrap().signal("payment", &Payment { cents: 2 }).unwrap();
    assert_eq!(Sum::go_on(&(), parked).await.completed().unwrap(), [1, 2]);
}

#[tokio::test]
async fn a_sleep_parks_and_fires() {
    let store = modes::store().await;
    let runtime = runtime(store.clone()).await.unwrap();
    let run = runtime.start::<Nap>(50).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 50);
    let expected = ["run.started", "timer.set", "run.suspended", "timer.fired", "step.completed", "run.completed"];
    assert_eq!(names(&store, run.id()).await, expected);
    let run = runtime.start::<Turns>(5).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 5);
    assert_eq!(names(&store, run.id()).await.iter().filter(|name| **name == "timer.fired").count(), 5);
}

async fn restart(first: impl Store, second: impl Store) {
    let one = runtime(first).await.unwrap();
    let due = SystemTime::now() + Duration::from_millis(300);
    let run = one.start::<Long>(due).await.unwrap().id();
    let far = one.start::<Long>(due + Duration::from_secs(3600)).await.unwrap().id();
    one.shutdown().await.unwrap();
    drop(one);
    tokio::time::sleep(Duration::from_millis(400)).await;
    let begun = Instant::now();
    let two = runtime(second).await.unwrap();
    assert_eq!(two.run::<Long>(run).await.unwrap().outcome().await.unwrap().completed().unwrap(), 1);
    assert!(begun.elapsed() < Duration::from_secs(2), "it fires late, and does not begin anew");
    let row = two.history().suspensions(far).await.unwrap().remove(0);
    let WaitsFor::Time { due: stored } = row.waits_for else { panic!("{row:?}") };
    let drift = (due + Duration::from_secs(3600)).duration_since(stored).unwrap();
    assert!(drift < Duration::from_millis(1), "{drift:?}");
    two.cancel(far).await.unwrap();
    assert!(two.history().timers(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_restart_keeps_the_time_in_memory() {
    let store = modes::store().await;
    restart(store.clone(), store).await;
}

#[tokio::test]
async fn a_restart_keeps_the_time_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    restart(Sqlite::open(&file).unwrap(), Sqlite::open(&file).unwrap()).await;
}

#[tokio::test]
async fn a_restart_keeps_the_time_in_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    restart(store.clone(), store).await;
}

async fn signals(store: impl Store) {
    let runtime = runtime(store).await.unwrap();
    let run = runtime.start::<Sum>(3).await.unwrap();
    for cents in 1..=2 {
        run.signal("payment", &Payment { cents }).await.unwrap();
    }
    // Nobody waits for it, so it is kept and disturbs nothing.
    run.signal("other", &json!("x")).await.unwrap();
    let pending = loop {
        let pending = run.outcome().await.unwrap().suspended().unwrap();
        if pending.iter().any(|row| row.address() == "signal#2") {
            break pending;
        }
    };
    assert!(matches!(&pending.iter().next().unwrap().waits_for, WaitsFor::Signal { name } if name == "payment"));
    let error = run.signal("payment", &json!({ "cents": "many" })).await.unwrap_err();
    assert!(error.is_invalid_payload() && error.to_string().contains("cents"), "{error}");
    let error = runtime.resume(run.id(), "signal#2", json!({ "cents": 3 })).await.unwrap_err();
    assert!(error.is_not_suspended(), "{error}");
    run.signal("payment", &Payment { cents: 3 }).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), [1, 2, 3]);
    let error = run.signal("payment", &Payment { cents: 4 }).await.unwrap_err();
    assert!(error.is_wrong_status() && error.to_string().contains("payment"), "{error}");
    let error = runtime.signal(RunId::new(), "payment", &1).await.unwrap_err();
    assert!(error.is_unknown_run(), "{error}");
}

#[tokio::test]
async fn signals_are_taken_in_order_in_memory() {
    signals(modes::store().await).await;
}

#[tokio::test]
async fn signals_are_taken_in_order_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    signals(Sqlite::open(folder.path().join("flow.db")).unwrap()).await;
}

#[tokio::test]
async fn signals_are_taken_in_order_in_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    signals(server.store().await.unwrap()).await;
}

#[tokio::test]
async fn arms_wait_each_for_its_own() {
    let runtime = runtime(modes::store().await).await.unwrap();
    let run = runtime.start::<Both>(0).await.unwrap();
    run.signal("note", &"four").await.unwrap();
    run.signal("payment", &Payment { cents: 3 }).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 7);
}

#[tokio::test]
async fn a_deadline_races_a_signal() {
    let store = modes::store().await;
    let runtime = runtime(store.clone()).await.unwrap();
    let run = runtime.start::<Deadline>(20).await.unwrap();
    loop {
        match run.outcome().await.unwrap() {
            Outcome::Suspended(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            other => break assert_eq!(other.completed().unwrap(), None),
        }
    }
    let run = runtime.start::<Deadline>(3_600_000).await.unwrap();
    run.signal("payment", &Payment { cents: 9 }).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), Some(9));
    assert!(store.timers(10).await.unwrap().is_empty(), "the loser's timer is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_is_never_lost_in_memory() {
    signals_around_parking(modes::store().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_is_never_lost_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let options = Sqlite::options().synchronous(Synchronous::Normal);
    signals_around_parking(options.open(folder.path().join("flow.db")).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_is_never_lost_in_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    signals_around_parking(server.store().await.unwrap()).await;
}

/// Around the park at any moment: linger is zero, so a run parks as soon as it waits.
async fn signals_around_parking(store: impl Store) {
    let runtime = runtime(store).await.unwrap();
    for round in 0..1000_u32 {
        let run = runtime.start::<Sum>(2).await.unwrap();
        for cents in [1, 2] {
            tokio::time::sleep(Duration::from_micros(u64::from(round * 7 % 400))).await;
            run.signal("payment", &Payment { cents }).await.unwrap();
        }
        let wait = async {
            loop {
                if let Outcome::Completed(sum) = run.outcome().await.unwrap() {
                    return sum;
                }
            }
        };
        let sum = tokio::time::timeout(Duration::from_secs(20), wait).await;
        assert_eq!(sum.unwrap_or_else(|_| panic!("round {round} hangs")), [1, 2]);
    }
}

#[tokio::test]
async fn one_store_two_processes_fire_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.db");
    let one = runtime(Sqlite::open(&file).unwrap()).await.unwrap();
    let two = runtime(Sqlite::open(&file).unwrap()).await.unwrap();
    let mut runs = Vec::new();
    for turn in 0..20 {
        let from = if turn % 2 == 0 { &one } else { &two };
        runs.push(from.start::<Nap>(100).await.unwrap());
    }
    for run in runs {
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 100);
        let fired = names(one.history(), run.id()).await;
        assert_eq!(fired.iter().filter(|name| **name == "timer.fired").count(), 1, "{fired:?}");
    }
}
