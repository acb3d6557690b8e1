use super::given::*;

const REVIEW: &str = "content/review#0";

/// An answer to a failed run waits until it is retried.
pub async fn resume_of_a_failed_run_waits(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    all(store, vec![opens(run, 1, REVIEW), fails(run, 1), resume(run, REVIEW)]).await;
    assert_eq!(status(store, run).await, RunStatus::Failed);
    assert!(run_row(store, run).await.error.is_some());
    assert_eq!(claimed(store, Record::Retry { run, worker: me, now: at(60) }).await[0].inbox_seq, 1);
    assert_eq!(answered_paths(store, run).await, [REVIEW]);
}
