use super::given::*;

/// Only a failed run is retried; whoever retries it owns it.
pub async fn retry_goes_on_where_it_failed(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    let run = start(store, first).await;
    let retry = || Record::Retry { run, worker: second, now: at(60) };
    assert_refused!(one(store, retry()).await, Refused::WrongStatus(RunStatus::Running));
    all(store, vec![fails(run, 1)]).await;
    let claim =
        Claim { run, workflow: "content".to_owned(), epoch: 2, inbox_seq: 0, recoveries: 0, durability: Durability::Transition };
    assert_eq!(claimed(store, retry()).await, std::slice::from_ref(&claim));
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.error, row.changed), (RunStatus::Running, None, at(60)));
    assert_eq!(store.owned(second).await.unwrap(), [claim]);
    assert_refused!(one(store, note(run, 1, 1)).await, Refused::Fenced);
    all(store, vec![completes(run, 2)]).await;
    assert_eq!(facts(store, run).await, ["run.started", "run.retried"]);
    assert_refused!(one(store, retry()).await, Refused::WrongStatus(RunStatus::Completed));
}
