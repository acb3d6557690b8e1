//! What properties are told with: records, and what they read of a store.

pub(super) use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(super) use serde_json::json;
use uuid::Uuid;

pub(super) use crate::encoded::Encoded;
pub(super) use crate::event::Fact;
pub(super) use crate::run::{Durability, RunId, RunStatus};
pub(super) use crate::store::{
    Checkpoint, Claim, Committed, End, Forked, FrameRow, KeptBack, NewRun, Opening, Record, Refused, RunRow, Store, TimerRow,
    Transition, ValueId, ValueWrite, WaitsFor, WorkerId,
};

/// A moment, in milliseconds.
pub(super) fn at(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000) + Duration::from_millis(millis)
}

pub(super) async fn one(store: &dyn Store, record: Record) -> Result<Committed, Refused> {
    let mut answers = store.commit(vec![record]).await;
    assert_eq!(answers.len(), 1, "one record has one answer");
    answers.remove(0)
}

pub(super) async fn all(store: &dyn Store, records: Vec<Record>) {
    for answer in store.commit(records).await {
        answer.unwrap();
    }
}

pub(super) fn row(path: &str) -> FrameRow {
    FrameRow { path: path.to_owned(), place: "there".to_owned(), bytes: path.as_bytes().to_vec(), values: vec![], dead: vec![] }
}

pub(super) fn value(id: ValueId) -> ValueWrite {
    ValueWrite { id, value: Encoded::of(&format!("value {id}")).unwrap() }
}

pub(super) fn new_run(worker: WorkerId) -> NewRun {
    let input = Encoded::of("the input").unwrap();
    let (run, workflow) = (RunId::new(), "content".to_owned());
    NewRun {
        run,
        workflow,
        fingerprint: u64::MAX - 1,
        key: None,
        input,
        durability: Durability::Transition,
        checkpoints: false,
        forked: None,
        frame: row("content"),
        worker,
        now: at(0),
    }
}

/// Starts a run; its epoch is 1 and its frame `content`.
pub(super) async fn start(store: &dyn Store, worker: WorkerId) -> RunId {
    let new = new_run(worker);
    let run = new.run;
    assert_eq!(one(store, Record::Start(new.into())).await.unwrap(), Committed::Started { run, fresh: true });
    run
}

pub(super) fn step(run: RunId, epoch: u64) -> Transition {
    Transition {
        run,
        epoch,
        frame: None,
        left: None,
        opens: None,
        end: None,
        facts: vec![],
        now: at(10),
        again: false,
        kept_back: KeptBack::default(),
    }
}

pub(super) fn opening(path: &str) -> Opening {
    Opening {
        path: path.to_owned(),
        node: "review".to_owned(),
        payload: json!({ "draft": path }),
        schema: json!(true),
        waits_for: WaitsFor::Answer,
    }
}

/// A transition that enters a waiting place, as the machine of that path.
pub(super) fn opens(run: RunId, epoch: u64, path: &str) -> Record {
    Record::Transition(Transition { frame: Some(row(path)), opens: Some(opening(path)), ..step(run, epoch) }.into())
}

pub(super) fn leaves(run: RunId, epoch: u64, place: &str) -> Record {
    Record::Transition(Transition { left: Some(place.to_owned()), ..step(run, epoch) }.into())
}

pub(super) fn ends(run: RunId, epoch: u64, end: End) -> Record {
    Record::Transition(Transition { end: Some(end), ..step(run, epoch) }.into())
}

pub(super) fn completes(run: RunId, epoch: u64) -> Record {
    ends(run, epoch, End::Completed(Encoded::of("the output").unwrap()))
}

pub(super) fn fails(run: RunId, epoch: u64) -> Record {
    ends(run, epoch, End::Failed(crate::Error::new("the printer is on fire").at("content/print#0")))
}

pub(super) fn resume(run: RunId, path: &str) -> Record {
    Record::Resume { run, path: path.to_owned(), payload: json!({ "for": path }), request: None, now: at(20) }
}

pub(super) fn park(run: RunId, epoch: u64, inbox_seq: u64) -> Record {
    Record::Park { run, epoch, inbox_seq, now: at(30) }
}

pub(super) fn note(run: RunId, epoch: u64, facts: usize) -> Record {
    Record::Note { run, epoch, facts: vec![Fact::RunRecovered; facts], now: at(40) }
}

pub(super) fn cancel(run: RunId) -> Record {
    Record::Cancel { run, now: at(50) }
}

pub(super) fn claim(run: RunId, worker: WorkerId, millis: u64) -> Record {
    Record::Claim { run, worker, now: at(millis) }
}

pub(super) fn claim_any(worker: WorkerId, millis: u64, limit: usize) -> Record {
    Record::ClaimAny { worker, workflows: vec!["content".to_owned()], recoveries: 0..9, now: at(millis), limit }
}

pub(super) fn lease(worker: WorkerId, millis: u64) -> Record {
    Record::Lease { worker, until: at(millis) }
}

pub(super) async fn run_row(store: &dyn Store, run: RunId) -> RunRow {
    store.run(run).await.unwrap().unwrap()
}

pub(super) async fn status(store: &dyn Store, run: RunId) -> RunStatus {
    run_row(store, run).await.status
}

pub(super) async fn paths(store: &dyn Store, run: RunId) -> Vec<String> {
    store.frames(run).await.unwrap().into_iter().map(|(path, _)| path).collect()
}

pub(super) async fn open_paths(store: &dyn Store, run: RunId) -> Vec<String> {
    store.suspensions(run).await.unwrap().into_iter().map(|row| row.path).collect()
}

pub(super) async fn answered_paths(store: &dyn Store, run: RunId) -> Vec<String> {
    store.inbox(run).await.unwrap().into_iter().map(|row| row.path).collect()
}

pub(super) async fn value_ids(store: &dyn Store, run: RunId) -> Vec<ValueId> {
    store.values(run).await.unwrap().into_iter().map(|(id, _)| id).collect()
}

/// The names of the events; their numbers must be without gaps.
pub(super) async fn facts(store: &dyn Store, run: RunId) -> Vec<&'static str> {
    let events = store.events(run, 0).await.unwrap();
    assert!((0..).zip(&events).all(|(seq, event)| event.seq == seq), "events are numbered from 0 on, without gaps: {events:?}");
    events.iter().map(|event| event.fact.name()).collect()
}

pub(super) async fn claimed(store: &dyn Store, record: Record) -> Vec<Claim> {
    match one(store, record).await.unwrap() {
        Committed::Claimed(claims) => claims,
        other => panic!("expected claims, got {other:?}"),
    }
}

macro_rules! assert_refused {
    ($answer:expr, $refusal:pat) => {{
        let answer = $answer;
        assert!(matches!(answer, Err($refusal)), "expected `{}`, got {answer:?}", stringify!($refusal));
    }};
}
pub(super) use assert_refused;

pub(super) fn worker() -> WorkerId {
    Uuid::now_v7()
}

/// A transition that enters a place which waits for this.
pub(super) fn waits(run: RunId, path: &str, waits_for: WaitsFor) -> Record {
    let opens = Some(Opening { waits_for, ..opening(path) });
    Record::Transition(Transition { opens, ..step(run, 1) }.into())
}

pub(super) fn until(millis: u64) -> WaitsFor {
    WaitsFor::Time { due: at(millis) }
}

pub(super) fn named(name: &str) -> WaitsFor {
    WaitsFor::Signal { name: name.to_owned() }
}

pub(super) fn send(run: RunId, name: &str, payload: u32) -> Record {
    Record::Signal { run, name: name.to_owned(), payload: json!(payload), request: None, now: at(5) }
}

pub(super) fn fire(run: RunId, path: &str) -> Record {
    Record::Fire { run, path: path.to_owned(), now: at(5) }
}

/// The timers of a run, earliest first.
pub(super) async fn timers(store: &dyn Store, run: RunId) -> Vec<TimerRow> {
    let all = store.timers(1_000_000).await.unwrap();
    all.into_iter().filter(|timer| timer.run == run).collect()
}

pub(super) async fn answers(store: &dyn Store, run: RunId) -> Vec<(String, serde_json::Value)> {
    store.inbox(run).await.unwrap().into_iter().map(|row| (row.path, row.payload)).collect()
}
