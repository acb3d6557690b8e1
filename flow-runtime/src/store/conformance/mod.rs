//! What every store must do, as properties by name. Each runs on a new store of each kind.

mod agree;
mod claims;
mod runs;
mod suspensions;
mod transitions;
mod waits;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use uuid::Uuid;

use super::{
    Claim, Committed, End, FrameRow, Memory, NewRun, Opening, Record, Refused, RunRow, Store, Transition, ValueId, ValueWrite,
    WaitsFor, WorkerId,
};
use crate::encoded::Encoded;
use crate::event::Fact;
use crate::run::{RunId, RunStatus};

/// Runs each property on each store.
macro_rules! suite {
    ($($group:ident: $($property:ident)*;)*) => {
        mod memory {
            $($(#[tokio::test]
            async fn $property() {
                super::$group::$property(&super::Memory::default()).await;
            })*)*
        }

        #[cfg(all(feature = "postgres", unix))]
        mod postgres {
            $($(#[tokio::test]
            async fn $property() {
                let Some(server) = crate::testing::PostgresServer::shared() else { return };
                super::$group::$property(&server.store().await.unwrap()).await;
            })*)*
        }

        #[cfg(feature = "sqlite")]
        mod sqlite {
            $($(#[tokio::test]
            async fn $property() {
                let folder = tempfile::tempdir().unwrap();
                super::$group::$property(&crate::store::Sqlite::open(folder.path().join("flow.db")).unwrap()).await;
            })*)*
        }
    };
}

suite! {
    claims: claim_is_exclusive a_lease_that_ran_out_frees_runs release_frees_at_once claim_any_takes_the_oldest claim_any_takes_only_known_workflows owned_reports
        epoch_fences claiming_judges_the_status;
    runs: start_is_idempotent_by_key a_key_of_another_run_conflicts an_id_starts_once cancel_ends_and_fences
        retry_goes_on_where_it_failed failed_keeps_frames completed_deletes_frames an_unknown_run_is_refused runs_are_listed_newest_first
        a_run_is_read_as_it_was_written;
    suspensions: park_moves_when_answered park_and_resume_change_the_status resume_answers_once
        resume_of_next_visit_is_not_suspended resume_of_a_failed_run_waits resume_of_an_ended_run_says_why
        two_arms_are_answered_independently a_visit_opens_once suspensions_are_listed_oldest_first;
    transitions: arms_commit_side_by_side leaving_a_place_withdraws_and_deletes an_arm_ends_at_the_path_it_leaves
        large_values_are_written_and_deleted one_bad_record_does_not_disturb_its_neighbours events_are_read_from_a_number_on
        no_facts_take_no_number;
    waits: timers_are_listed_by_their_time_and_fire_once a_wait_ends_only_by_what_it_waits_for early_signals_are_kept_in_order
        the_place_that_opened_first_gets_the_signal a_signal_that_was_not_taken_is_kept_again
        a_signal_wakes_a_parked_run_and_an_ended_one_refuses_it;
}

/// A moment, in milliseconds.
fn at(millis: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000) + Duration::from_millis(millis)
}

async fn one(store: &dyn Store, record: Record) -> Result<Committed, Refused> {
    let mut answers = store.commit(vec![record]).await;
    assert_eq!(answers.len(), 1, "one record has one answer");
    answers.remove(0)
}

async fn all(store: &dyn Store, records: Vec<Record>) {
    for answer in store.commit(records).await {
        answer.unwrap();
    }
}

fn row(path: &str) -> FrameRow {
    FrameRow { path: path.to_owned(), place: "there".to_owned(), bytes: path.as_bytes().to_vec(), values: vec![], dead: vec![] }
}

fn value(id: ValueId) -> ValueWrite {
    ValueWrite { id, value: Encoded::of(&format!("value {id}")).unwrap() }
}

fn new_run(worker: WorkerId) -> NewRun {
    let input = Encoded::of("the input").unwrap();
    let (run, workflow) = (RunId::new(), "content".to_owned());
    NewRun { run, workflow, fingerprint: u64::MAX - 1, key: None, input, frame: row("content"), worker, now: at(0) }
}

/// Starts a run; its epoch is 1 and its frame `content`.
async fn start(store: &dyn Store, worker: WorkerId) -> RunId {
    let new = new_run(worker);
    let run = new.run;
    assert_eq!(one(store, Record::Start(new.into())).await.unwrap(), Committed::Started { run, fresh: true });
    run
}

fn step(run: RunId, epoch: u64) -> Transition {
    Transition { run, epoch, frame: None, left: None, opens: None, end: None, facts: vec![], now: at(10) }
}

fn opening(path: &str) -> Opening {
    Opening {
        path: path.to_owned(),
        node: "review".to_owned(),
        payload: json!({ "draft": path }),
        schema: json!(true),
        waits_for: WaitsFor::Answer,
    }
}

/// A transition that enters a waiting place, as the machine of that path.
fn opens(run: RunId, epoch: u64, path: &str) -> Record {
    Record::Transition(Transition { frame: Some(row(path)), opens: Some(opening(path)), ..step(run, epoch) }.into())
}

fn leaves(run: RunId, epoch: u64, place: &str) -> Record {
    Record::Transition(Transition { left: Some(place.to_owned()), ..step(run, epoch) }.into())
}

fn ends(run: RunId, epoch: u64, end: End) -> Record {
    Record::Transition(Transition { end: Some(end), ..step(run, epoch) }.into())
}

fn completes(run: RunId, epoch: u64) -> Record {
    ends(run, epoch, End::Completed(Encoded::of("the output").unwrap()))
}

fn fails(run: RunId, epoch: u64) -> Record {
    ends(run, epoch, End::Failed(crate::Error::new("the printer is on fire").at("content/print#0")))
}

fn resume(run: RunId, path: &str) -> Record {
    Record::Resume { run, path: path.to_owned(), payload: json!({ "for": path }), now: at(20) }
}

fn park(run: RunId, epoch: u64, inbox_seq: u64) -> Record {
    Record::Park { run, epoch, inbox_seq, now: at(30) }
}

fn note(run: RunId, epoch: u64, facts: usize) -> Record {
    Record::Note { run, epoch, facts: vec![Fact::RunRecovered; facts], now: at(40) }
}

fn cancel(run: RunId) -> Record {
    Record::Cancel { run, now: at(50) }
}

fn claim(run: RunId, worker: WorkerId, millis: u64) -> Record {
    Record::Claim { run, worker, now: at(millis) }
}

fn claim_any(worker: WorkerId, millis: u64, limit: usize) -> Record {
    Record::ClaimAny { worker, workflows: vec!["content".to_owned()], now: at(millis), limit }
}

fn lease(worker: WorkerId, millis: u64) -> Record {
    Record::Lease { worker, until: at(millis) }
}

async fn run_row(store: &dyn Store, run: RunId) -> RunRow {
    store.run(run).await.unwrap().unwrap()
}

async fn status(store: &dyn Store, run: RunId) -> RunStatus {
    run_row(store, run).await.status
}

async fn paths(store: &dyn Store, run: RunId) -> Vec<String> {
    store.frames(run).await.unwrap().into_iter().map(|(path, _)| path).collect()
}

async fn open_paths(store: &dyn Store, run: RunId) -> Vec<String> {
    store.suspensions(run).await.unwrap().into_iter().map(|row| row.path).collect()
}

async fn answered_paths(store: &dyn Store, run: RunId) -> Vec<String> {
    store.inbox(run).await.unwrap().into_iter().map(|row| row.path).collect()
}

async fn value_ids(store: &dyn Store, run: RunId) -> Vec<ValueId> {
    store.values(run).await.unwrap().into_iter().map(|(id, _)| id).collect()
}

/// The names of the events; their numbers must be without gaps.
async fn facts(store: &dyn Store, run: RunId) -> Vec<&'static str> {
    let events = store.events(run, 0).await.unwrap();
    assert!((0..).zip(&events).all(|(seq, event)| event.seq == seq), "events are numbered from 0 on, without gaps: {events:?}");
    events.iter().map(|event| event.fact.name()).collect()
}

async fn claimed(store: &dyn Store, record: Record) -> Vec<Claim> {
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
use assert_refused;

fn worker() -> WorkerId {
    Uuid::now_v7()
}
