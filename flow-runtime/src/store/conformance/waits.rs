//! Times and signals.

use super::*;
use crate::store::TimerRow;

fn opens(run: RunId, path: &str, waits_for: WaitsFor) -> Record {
    let opens = Some(Opening { waits_for, ..opening(path) });
    Record::Transition(Box::new(Transition { opens, ..step(run, 1) }))
}

fn leaves(run: RunId, place: &str) -> Record {
    Record::Transition(Box::new(Transition { left: Some(place.to_owned()), ..step(run, 1) }))
}

fn until(millis: u64) -> WaitsFor {
    WaitsFor::Time { due: at(millis) }
}

fn named(name: &str) -> WaitsFor {
    WaitsFor::Signal { name: name.to_owned() }
}

fn send(run: RunId, name: &str, payload: u32) -> Record {
    Record::Signal { run, name: name.to_owned(), payload: json!(payload), now: at(5) }
}

fn fire(run: RunId, path: &str) -> Record {
    Record::Fire { run, path: path.to_owned(), now: at(5) }
}

async fn inbox(store: &dyn Store, run: RunId) -> Vec<(String, serde_json::Value)> {
    store.inbox(run).await.unwrap().into_iter().map(|row| (row.path, row.payload)).collect()
}

pub(super) async fn timers_are_listed_by_their_time_and_fire_once(store: &dyn Store) {
    let (one, two) = (start(store, Uuid::now_v7()).await, start(store, Uuid::now_v7()).await);
    all(store, vec![opens(one, "w/a#0", until(900)), opens(two, "w/a#0", until(300)), opens(one, "w/b#0", until(600))]).await;
    let row = |run, path: &str, millis| TimerRow { due: at(millis), run, path: path.to_owned() };
    let expected = [row(two, "w/a#0", 300), row(one, "w/b#0", 600), row(one, "w/a#0", 900)];
    assert_eq!(store.timers(10).await.unwrap(), expected);
    assert_eq!(store.timers(1).await.unwrap(), expected[..1]);
    all(store, vec![fire(two, "w/a#0")]).await;
    assert!(matches!(super::one(store, fire(two, "w/a#0")).await, Err(Refused::AlreadyResumed)));
    assert_eq!(inbox(store, two).await, [("w/a#0".to_owned(), json!(null))]);
    all(store, vec![leaves(one, "w/b#0"), Record::Cancel { run: one, now: at(5) }]).await;
    assert!(store.timers(10).await.unwrap().is_empty());
    assert!(facts(store, two).await.contains(&"timer.fired"));
}

pub(super) async fn a_wait_ends_only_by_what_it_waits_for(store: &dyn Store) {
    let run = start(store, Uuid::now_v7()).await;
    all(store, vec![opens(run, "w/a#0", until(900)), opens(run, "w/b#0", named("n")), opens(run, "w/c#0", WaitsFor::Answer)])
        .await;
    for path in ["w/a#0", "w/b#0"] {
        let resume = Record::Resume { run, path: path.to_owned(), payload: json!(1), now: at(5) };
        assert!(matches!(one(store, resume).await, Err(Refused::NotSuspended)));
    }
    for path in ["w/b#0", "w/c#0"] {
        assert!(matches!(one(store, fire(run, path)).await, Err(Refused::NotSuspended)));
    }
    assert_eq!(store.run(run).await.unwrap().unwrap().inbox_seq, 0);
}

pub(super) async fn early_signals_are_kept_in_order(store: &dyn Store) {
    let run = start(store, Uuid::now_v7()).await;
    all(store, vec![send(run, "n", 1), send(run, "m", 2), send(run, "n", 3)]).await;
    assert!(inbox(store, run).await.is_empty());
    all(store, vec![opens(run, "w/a#0", named("n"))]).await;
    assert_eq!(inbox(store, run).await, [("w/a#0".to_owned(), json!(1))]);
    all(store, vec![leaves(run, "w/a#0"), opens(run, "w/a#1", named("n"))]).await;
    assert_eq!(inbox(store, run).await, [("w/a#1".to_owned(), json!(3))]);
}

pub(super) async fn the_place_that_opened_first_gets_the_signal(store: &dyn Store) {
    let run = start(store, Uuid::now_v7()).await;
    all(store, vec![opens(run, "w/b#0", named("n")), opens(run, "w/a#0", named("n")), send(run, "n", 1)]).await;
    assert_eq!(inbox(store, run).await, [("w/b#0".to_owned(), json!(1))]);
    assert_eq!(open_paths(store, run).await, ["w/a#0"]);
}

pub(super) async fn a_signal_that_was_not_taken_is_kept_again(store: &dyn Store) {
    let run = start(store, Uuid::now_v7()).await;
    all(store, vec![opens(run, "w/race#0/a#0", named("n")), send(run, "n", 1), send(run, "n", 2)]).await;
    // The race is left by another arm, and a later place asks for the same signal.
    all(store, vec![leaves(run, "w/race#0"), opens(run, "w/a#0", named("n"))]).await;
    assert_eq!(inbox(store, run).await, [("w/a#0".to_owned(), json!(1))]);
}

pub(super) async fn a_signal_wakes_a_parked_run_and_an_ended_one_refuses_it(store: &dyn Store) {
    let run = start(store, Uuid::now_v7()).await;
    all(store, vec![opens(run, "w/a#0", named("n")), Record::Park { run, epoch: 1, inbox_seq: 0, now: at(4) }]).await;
    all(store, vec![send(run, "other", 0)]).await;
    assert_eq!(status(store, run).await, RunStatus::Suspended);
    all(store, vec![send(run, "n", 1)]).await;
    assert_eq!(status(store, run).await, RunStatus::Running);
    all(store, vec![Record::Cancel { run, now: at(5) }]).await;
    assert!(matches!(one(store, send(run, "n", 2)).await, Err(Refused::WrongStatus(RunStatus::Cancelled))));
    assert!(matches!(one(store, send(RunId::new(), "n", 2)).await, Err(Refused::UnknownRun)));
}
