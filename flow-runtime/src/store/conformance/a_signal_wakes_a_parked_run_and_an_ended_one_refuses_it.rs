use super::given::*;

/// A signal that somebody waits for wakes a parked run; an ended run refuses it.
pub async fn a_signal_wakes_a_parked_run_and_an_ended_one_refuses_it(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![waits(run, "w/a#0", named("n")), Record::Park { run, epoch: 1, inbox_seq: 0, now: at(4) }]).await;
    all(store, vec![send(run, "other", 0)]).await;
    assert_eq!(status(store, run).await, RunStatus::Suspended);
    all(store, vec![send(run, "n", 1)]).await;
    assert_eq!(status(store, run).await, RunStatus::Running);
    all(store, vec![Record::Cancel { run, now: at(5) }]).await;
    assert!(matches!(one(store, send(run, "n", 2)).await, Err(Refused::WrongStatus(RunStatus::Cancelled))));
    assert!(matches!(one(store, send(RunId::new(), "n", 2)).await, Err(Refused::UnknownRun)));
}
