use super::given::*;

const REVIEW: &str = "content/review#0";

/// An answer names a visit: it never answers the next turn of a loop.
pub async fn resume_of_next_visit_is_not_suspended(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![opens(run, 1, REVIEW), resume(run, REVIEW)]).await;
    assert_refused!(one(store, resume(run, "content/review#1")).await, Refused::NotSuspended);
    assert_refused!(one(store, resume(run, "content/review")).await, Refused::NotSuspended);
    all(store, vec![leaves(run, 1, REVIEW), opens(run, 1, "content/review#1")]).await;
    assert_refused!(one(store, resume(run, REVIEW)).await, Refused::AlreadyResumed);
    assert_eq!(answered_paths(store, run).await, [""; 0], "a second click never answers the next turn");
    all(store, vec![resume(run, "content/review#1")]).await;
    assert_eq!(run_row(store, run).await.inbox_seq, 2);
}
