use super::given::*;

const REVIEW: &str = "content/review#0";

/// The same answer once more is accepted and changes nothing, also when the run has ended; another one is refused as ever.
pub async fn a_resume_that_names_itself_is_done_once(store: &dyn Store) {
    let named = |run, path: &str, request: &str| {
        let (path, request, payload) = (path.to_owned(), Some(request.to_owned()), json!(request));
        Record::Resume { run, path, payload, request, now: at(20) }
    };
    let (run, cancelled) = (start(store, worker()).await, start(store, worker()).await);
    all(store, vec![opens(run, 1, REVIEW), opens(run, 1, "content/other#0"), opens(cancelled, 1, REVIEW)]).await;
    all(store, vec![named(run, REVIEW, "click"), named(run, REVIEW, "click")]).await;
    for other in [named(run, REVIEW, "clack"), resume(run, REVIEW)] {
        assert_refused!(one(store, other).await, Refused::AlreadyResumed);
    }
    all(store, vec![resume(run, "content/other#0"), named(run, REVIEW, "click")]).await;
    assert_refused!(one(store, named(run, "content/other#0", "click")).await, Refused::AlreadyResumed);
    assert_eq!(answers(store, run).await[0], (REVIEW.to_owned(), json!("click")));
    assert_eq!((run_row(store, run).await.inbox_seq, facts(store, run).await.len()), (2, 3));
    all(store, vec![leaves(run, 1, REVIEW), named(run, REVIEW, "click"), completes(run, 1), named(run, REVIEW, "click")]).await;
    assert_eq!(answers(store, run).await, []);
    all(store, vec![cancel(cancelled)]).await;
    assert_refused!(one(store, named(cancelled, REVIEW, "click")).await, Refused::Withdrawn);
    assert_refused!(one(store, named(RunId::new(), REVIEW, "click")).await, Refused::UnknownRun);
}
