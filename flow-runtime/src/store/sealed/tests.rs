use std::time::SystemTime;

use serde_json::json;

use super::{Keys, Sealed};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Fact;
use crate::run::{Durability, RunId};
use crate::store::{
    Committed, End, FrameRow, History, KeptBack, Memory, NewRun, Opening, Record, Refused, Store, Transition, ValueWrite,
    WaitsFor,
};

mod memory {
    use super::*;
    crate::store::conformance::suite!(Sealed::new(Memory::default(), old()));
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;
    crate::store::conformance::suite! {
        let folder = tempfile::tempdir().unwrap();
        Sealed::new(crate::store::Sqlite::open(folder.path().join("flow.db")).unwrap(), old())
    }
}

const REVIEW: &str = "content/review#0";

fn old() -> Keys {
    Keys::new("old", [1; 32])
}

fn rotated() -> Keys {
    Keys::new("new", [2; 32]).and("old", [1; 32])
}

fn start(input: &str) -> NewRun {
    let frame = FrameRow { path: "content".to_owned(), place: String::new(), bytes: vec![7; 9], values: vec![], dead: vec![] };
    NewRun {
        run: RunId::new(),
        workflow: "content".to_owned(),
        fingerprint: 1,
        key: Some("order-17".to_owned()),
        input: Encoded::of(input).unwrap(),
        durability: Durability::Transition,
        checkpoints: false,
        forked: None,
        frame,
        worker: uuid::Uuid::now_v7(),
        now: SystemTime::now(),
    }
}

async fn one(store: &dyn Store, record: Record) -> Result<Committed, Refused> {
    store.commit(vec![record]).await.remove(0)
}

/// A run with something in each place that is sealed.
async fn full(store: &dyn Store) -> RunId {
    let new = start("tea");
    let run = new.run;
    let value = ValueWrite { id: 3, value: Encoded::of("large").unwrap() };
    let path = REVIEW.to_owned();
    let opens = Opening { path: path.clone(), ..opening() };
    let named =
        Opening { path: "content/go#0".to_owned(), waits_for: WaitsFor::Signal { name: "go".to_owned() }, ..opens.clone() };
    let failed = Fact::StepFailed { path: "content/print#0".to_owned(), attempt: 2, error: "no paper".to_owned() };
    let end = Some(End::Failed(Error::new("on fire").at("content/print#0")));
    let frame = Some(FrameRow { values: vec![value], ..new.frame.clone() });
    let now = SystemTime::now();
    let step = Transition {
        run,
        epoch: 1,
        frame: None,
        left: None,
        opens: None,
        end: None,
        facts: vec![],
        now,
        again: false,
        kept_back: KeptBack::default(),
    };
    let records = vec![
        Record::Start(new.into()),
        Record::Transition(Transition { frame, opens: Some(opens), ..step.clone() }.into()),
        Record::Transition(Transition { opens: Some(named), facts: vec![failed], ..step.clone() }.into()),
        Record::Resume { run, path, payload: json!("yes"), request: None, now },
        Record::Signal { run, name: "go".to_owned(), payload: json!("now"), request: None, now },
        Record::Transition(
            Transition { opens: Some(Opening { path: "content/other#0".to_owned(), ..opening() }), ..step.clone() }.into(),
        ),
        Record::Transition(Transition { end, ..step }.into()),
    ];
    for answer in store.commit(records).await {
        answer.unwrap();
    }
    run
}

fn opening() -> Opening {
    let waits_for = WaitsFor::Answer;
    Opening { path: String::new(), node: "review".to_owned(), payload: json!("look"), schema: json!(true), waits_for }
}

/// What each reading of a run says.
async fn readings(store: &dyn Store, run: RunId) -> Vec<Result<String, Error>> {
    vec![
        store.run(run).await.map(|row| {
            let row = row.unwrap();
            format!("{:?} {:?} {:?}", row.input, row.error, row.status)
        }),
        store.frames(run).await.map(|frames| format!("{frames:?}")),
        store.values(run).await.map(|values| format!("{values:?}")),
        store.events(run, 0).await.map(|events| events.iter().map(|event| format!("{:?} ", event.fact)).collect()),
        store.suspensions(run).await.map(|rows| rows.iter().map(|row| row.payload.to_string()).collect()),
        store.inbox(run).await.map(|rows| rows.iter().map(|row| row.payload.to_string()).collect()),
        store.runs(Default::default()).await.map(|rows| format!("{:?}", rows[0].input)),
    ]
}

#[tokio::test]
async fn everything_is_read_as_it_was_written() {
    let (plain, sealed) = (Memory::default(), Sealed::new(Memory::default(), old()));
    let (written, read) = (full(&plain).await, full(&sealed).await);
    let (written, read) = (readings(&plain, written).await, readings(&sealed, read).await);
    let words: Vec<_> = written.into_iter().map(Result::unwrap).collect();
    assert_eq!(read.into_iter().map(Result::unwrap).collect::<Vec<_>>(), words);
    for word in ["tea", "on fire", "no paper", "large", "look", "yes", "now"] {
        assert!(words.iter().any(|text| text.contains(word)), "nothing says `{word}`");
    }
}

/// Every reading is refused by name, with the run, and the store stays as it is.
async fn is_refused(store: &dyn Store, run: RunId, why: &str) {
    for reading in readings(store, run).await {
        let error = reading.unwrap_err();
        assert!(error.is_sealed(), "{error}");
        assert!(error.to_string().contains(&run.to_string()) && error.to_string().contains(why), "{error}");
    }
}

#[tokio::test]
async fn a_key_that_does_not_open_is_named() {
    let memory = Memory::default();
    let run = full(&Sealed::new(memory.clone(), old())).await;
    let before = format!("{memory:?}");
    is_refused(&Sealed::new(memory.clone(), Keys::new("other", [1; 32])), run, "the key `old`, which is not here; here: `other`")
        .await;
    is_refused(&Sealed::new(memory.clone(), Keys::new("old", [9; 32])), run, "cannot be opened with the key `old`").await;
    assert_eq!(format!("{memory:?}"), before);
    for reading in readings(&Sealed::new(memory, rotated()), run).await {
        reading.unwrap();
    }
}

#[tokio::test]
async fn a_store_that_was_not_sealed_is_named() {
    let memory = Memory::default();
    let run = full(&memory).await;
    is_refused(&Sealed::new(memory, old()), run, "is not sealed").await;
}

#[tokio::test]
async fn a_sealed_store_that_is_read_without_keys_is_named() {
    let memory = Memory::default();
    let run = full(&Sealed::new(memory.clone(), old())).await;
    let error = crate::live::load(&memory, run).await.unwrap_err();
    assert!(error.is_sealed() && error.to_string().contains("is sealed: open the store through `store::Sealed`"), "{error}");
    let error: Error = memory.run(run).await.unwrap().unwrap().input.decode::<String>().unwrap_err().into();
    assert!(error.is_sealed(), "{error}");
}

/// The same words sealed for a run do not open in another, nor at another place of the same.
#[tokio::test]
async fn a_value_cannot_be_moved() {
    let (keys, run) = (old(), RunId::new());
    let place = super::keys::Place { run, what: "frame", name: "content" };
    let sealed = keys.seal(place, b"state").unwrap();
    assert_eq!(keys.open(place, &sealed).unwrap(), b"state");
    for other in [
        super::keys::Place { run: RunId::new(), ..place },
        super::keys::Place { what: "value", ..place },
        super::keys::Place { name: "content/arm", ..place },
    ] {
        assert!(keys.open(other, &sealed).unwrap_err().is_sealed());
    }
}

/// Each byte changed, and each length: an error, never a panic and never another value.
#[test]
fn each_damage_is_an_error() {
    let (keys, run) = (old(), RunId::new());
    let place = super::keys::Place { run, what: "frame", name: "content" };
    let sealed = keys.seal(place, b"state").unwrap();
    for at in 0..sealed.len() {
        assert!(keys.open(place, &sealed[..at]).unwrap_err().is_sealed());
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            assert!(keys.open(place, &changed).unwrap_err().is_sealed());
        }
    }
    let text = keys.seal_text(place, b"state").unwrap();
    for at in 0..text.len() {
        assert!(keys.open_text(place, &text[..at]).unwrap_err().is_sealed());
    }
}

/// The same at the same place is the same bytes; in another run it is not.
#[test]
fn sealing_shows_equality_within_a_place_only() {
    let (keys, run) = (old(), RunId::new());
    let place = super::keys::Place { run, what: "frame", name: "content" };
    let sealed = |place| keys.seal(place, b"state").unwrap();
    assert_eq!(sealed(place), sealed(place));
    let other = sealed(super::keys::Place { run: RunId::new(), ..place });
    assert!(sealed(place).iter().zip(&other).skip(8).filter(|(one, other)| one == other).count() < 8);
    assert_ne!(keys.seal(place, b"stat2").unwrap(), sealed(place));
}

#[tokio::test]
async fn a_start_key_finds_its_run_after_a_rotation() {
    let memory = Memory::default();
    let first = start("tea");
    let run = first.run;
    let (before, after) = (Sealed::new(memory.clone(), old()), Sealed::new(memory.clone(), rotated()));
    one(&before, Record::Start(first.into())).await.unwrap();
    for store in [&before, &after] {
        let same = one(store, Record::Start(start("tea").into())).await.unwrap();
        assert_eq!(same, Committed::Started { run, fresh: false });
        let other = one(store, Record::Start(start("coffee").into())).await;
        assert!(matches!(&other, Err(Refused::KeyConflict { run: found, .. }) if *found == run), "{other:?}");
    }
    let lost = Sealed::new(memory, Keys::new("other", [3; 32]));
    let refused = one(&lost, Record::Start(start("tea").into())).await;
    assert!(matches!(&refused, Err(Refused::Store(error)) if error.is_sealed()), "{refused:?}");
}

#[tokio::test]
async fn a_rotation_writes_with_the_new_key() {
    let memory = Memory::default();
    let run = full(&Sealed::new(memory.clone(), rotated())).await;
    for reading in readings(&Sealed::new(memory.clone(), Keys::new("new", [2; 32])), run).await {
        reading.unwrap();
    }
    is_refused(&Sealed::new(memory, old()), run, "the key `new`").await;
}

#[cfg(all(feature = "postgres", unix))]
mod postgres {
    use super::*;
    use crate::testing::PostgresServer;

    crate::store::conformance::suite!(match PostgresServer::shared() {
        Some(server) => Sealed::new(server.store().await.unwrap(), old()),
        None => return,
    });
}
