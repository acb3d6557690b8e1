//! Workflows without a runtime.

mod machines;

use std::sync::atomic::Ordering;

use flow_runtime::Outcome;
use flow_runtime::local::{Parked, from_snapshot, go_on, run};
use flow_runtime::snapshot::Snapshot;

use machines::{App, Fan, Linear, Looping, Pair, ask, review};

/// As a program would keep it.
fn stored(parked: &Parked) -> Parked {
    serde_json::from_str(&serde_json::to_string(parked).unwrap()).unwrap()
}

#[tokio::test]
async fn a_workflow_that_never_waits_just_runs() {
    let app = App::default();
    assert_eq!(run::<Linear, _>(&app, 40).await.completed().unwrap(), 42);
    app.fails.store(true, Ordering::SeqCst);
    assert!(run::<Linear, _>(&app, 40).await.completed().unwrap_err().is_step());
}

#[tokio::test]
async fn a_parked_workflow_is_data() {
    let app = App::default();
    let mut parked = stored(&run::<Looping, _>(&app, 0).await.suspended().unwrap());
    assert_eq!(parked.pending[0].address(), "review#0");
    assert!(parked.answer::<ask>(1).unwrap_err().is_not_suspended());
    parked.answer::<review>(false).unwrap();
    assert!(parked.answer::<review>(true).unwrap_err().is_not_suspended());
    let mut parked = stored(&go_on::<Looping, _>(&app, stored(&parked)).await.suspended().unwrap());
    parked.answer_at::<review>("review#1", true).unwrap();
    assert_eq!(go_on::<Looping, _>(&app, parked).await.completed().unwrap(), 2);
}

#[tokio::test]
async fn arms_are_answered_one_by_one_or_together() {
    let app = App::default();
    let mut parked = run::<Pair, _>(&app, 0).await.suspended().unwrap();
    parked.answer_at::<ask>("both#0/right#0/ask#0", 2).unwrap();
    let mut parked = stored(&go_on::<Pair, _>(&app, stored(&parked)).await.suspended().unwrap());
    parked.answer::<ask>(40).unwrap();
    assert_eq!(go_on::<Pair, _>(&app, parked).await.completed().unwrap(), 42);
    assert_eq!(app.calls.lock().unwrap().values().sum::<usize>(), 2);

    let mut parked = run::<Fan, _>(&app, 300).await.suspended().unwrap();
    for row in parked.pending.clone() {
        parked.answer_at::<ask>(row.address(), 1).unwrap();
    }
    assert_eq!(go_on::<Fan, _>(&app, parked).await.completed().unwrap(), 300);
}

#[tokio::test]
async fn a_snapshot_alone_is_enough() {
    let app = App::default();
    let parked = run::<Pair, _>(&app, 0).await.suspended().unwrap();
    let mut again = from_snapshot::<Pair, _>(&app, parked.snapshot.clone()).await.suspended().unwrap();
    let open = |parked: &Parked| {
        parked.pending.iter().map(|row| (row.path.clone(), row.payload.clone(), row.schema.clone())).collect::<Vec<_>>()
    };
    assert_eq!(open(&parked), open(&again));
    again.answer_at::<ask>("both#0/left#0/ask#0", 1).unwrap().answer_at::<ask>("both#0/right#0/ask#0", 2).unwrap();
    assert_eq!(go_on::<Pair, _>(&app, again).await.completed().unwrap(), 3);
}

#[tokio::test]
async fn a_snapshot_that_does_not_fit_is_refused() {
    let app = App::default();
    let parked = run::<Looping, _>(&app, 0).await.suspended().unwrap();
    let error = from_snapshot::<Pair, _>(&app, parked.snapshot.clone()).await.completed().unwrap_err();
    assert!(error.is_incompatible() && error.to_string().contains("`looping`, not of `pair`"), "{error}");
    let mut moved: Snapshot = parked.snapshot;
    moved.frames.get_mut("looping").unwrap().place = "legal_review".into();
    let outcome = from_snapshot::<Looping, _>(&app, moved).await;
    assert!(
        matches!(&outcome, Outcome::Failed(error) if error.is_incompatible() && error.to_string().contains("`legal_review`")),
        "{outcome:?}"
    );
}

/// Nothing here needs tokio but the steps that do.
#[test]
fn any_executor_will_do() {
    let app = App::default();
    let mut parked = futures::executor::block_on(run::<Looping, _>(&app, 0)).suspended().unwrap();
    parked.answer::<review>(true).unwrap();
    assert_eq!(futures::executor::block_on(go_on::<Looping, _>(&app, parked)).completed().unwrap(), 1);
}
