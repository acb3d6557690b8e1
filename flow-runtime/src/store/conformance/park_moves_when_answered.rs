use super::given::*;

const REVIEW: &str = "content/review#0";

/// A run that got an answer meanwhile is not parked.
pub async fn park_moves_when_answered(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    all(store, vec![opens(run, 1, REVIEW), opens(run, 1, "content/other#0"), resume(run, REVIEW)]).await;
    assert_eq!(one(store, park(run, 1, 0)).await.unwrap(), Committed::Moved { inbox_seq: 1 });
    assert_eq!(status(store, run).await, RunStatus::Running);
    assert_eq!(store.owned(me).await.unwrap().len(), 1, "a run that was not parked stays with its worker");
    assert_eq!(one(store, park(run, 1, 1)).await.unwrap(), Committed::Done);
    assert_eq!(facts(store, run).await, ["run.started", "run.resumed", "run.suspended"]);
}
