use super::given::*;

const REVIEW: &str = "content/review#0";

/// A parked run is nobody's, and an answer makes it one that may be claimed.
pub async fn park_and_resume_change_the_status(store: &dyn Store) {
    let (me, other) = (worker(), worker());
    all(store, vec![lease(me, 1000)]).await;
    let run = start(store, me).await;
    all(store, vec![opens(run, 1, REVIEW), park(run, 1, 0)]).await;
    assert_eq!(status(store, run).await, RunStatus::Suspended);
    assert_refused!(one(store, park(run, 1, 0)).await, Refused::Fenced);
    all(store, vec![resume(run, REVIEW)]).await;
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.epoch, row.inbox_seq), (RunStatus::Running, 1, 1));
    assert_eq!(store.owned(me).await.unwrap(), [], "a run that was parked is nobody's");
    assert_eq!(claimed(store, claim(run, other, 1)).await[0].inbox_seq, 1);
}
