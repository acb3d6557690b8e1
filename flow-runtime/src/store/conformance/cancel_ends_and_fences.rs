use super::given::*;

/// A cancelled run keeps nothing to go on with, and its holder is fenced.
pub async fn cancel_ends_and_fences(store: &dyn Store) {
    let run = start(store, worker()).await;
    let large = FrameRow { values: vec![value(1)], ..row("content") };
    let keeps = Record::Transition(Transition { frame: Some(large), ..step(run, 1) }.into());
    all(store, vec![keeps, opens(run, 1, "content/a#0"), opens(run, 1, "content/b#0"), resume(run, "content/a#0"), cancel(run)])
        .await;
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.epoch, row.changed), (RunStatus::Cancelled, 2, at(50)));
    assert_eq!(paths(store, run).await, [""; 0]);
    assert_eq!(value_ids(store, run).await, [0; 0]);
    assert_eq!(open_paths(store, run).await, [""; 0]);
    assert_eq!(answered_paths(store, run).await, [""; 0]);
    assert_eq!(facts(store, run).await, ["run.started", "run.resumed", "run.cancelled"]);
    for epoch in [1, 2] {
        assert_refused!(one(store, note(run, epoch, 1)).await, Refused::Fenced);
    }
    assert_refused!(one(store, cancel(run)).await, Refused::WrongStatus(RunStatus::Cancelled));
    let completed = start(store, worker()).await;
    all(store, vec![completes(completed, 1)]).await;
    assert_refused!(one(store, cancel(completed)).await, Refused::WrongStatus(RunStatus::Completed));
    let (parked, failed) = (start(store, worker()).await, start(store, worker()).await);
    all(store, vec![park(parked, 1, 0), fails(failed, 1), cancel(parked), cancel(failed)]).await;
    assert_eq!(run_row(store, failed).await.error, None);
}
