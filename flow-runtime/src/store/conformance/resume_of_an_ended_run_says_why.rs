use super::given::*;

const REVIEW: &str = "content/review#0";

/// An answer to a run that has ended is refused with what became of its suspension.
pub async fn resume_of_an_ended_run_says_why(store: &dyn Store) {
    let (completed, cancelled) = (start(store, worker()).await, start(store, worker()).await);
    for run in [completed, cancelled] {
        all(store, vec![opens(run, 1, REVIEW), opens(run, 1, "content/other#0"), resume(run, REVIEW)]).await;
    }
    all(store, vec![completes(completed, 1), cancel(cancelled)]).await;
    for run in [completed, cancelled] {
        assert_refused!(one(store, resume(run, REVIEW)).await, Refused::AlreadyResumed);
        assert_refused!(one(store, resume(run, "content/other#0")).await, Refused::Withdrawn);
        assert_refused!(one(store, resume(run, "content/never#0")).await, Refused::NotSuspended);
    }
}
