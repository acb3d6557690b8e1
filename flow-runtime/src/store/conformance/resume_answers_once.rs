use super::given::*;

const REVIEW: &str = "content/review#0";

/// A suspension takes one answer, and leaving the place consumes it.
pub async fn resume_answers_once(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![opens(run, 1, REVIEW)]).await;
    let answers = store.commit(vec![resume(run, REVIEW), resume(run, REVIEW)]).await;
    assert!(matches!(answers[..], [Ok(Committed::Done), Err(Refused::AlreadyResumed)]), "{answers:?}");
    assert_eq!(run_row(store, run).await.inbox_seq, 1);
    let inbox = store.inbox(run).await.unwrap();
    assert_eq!((inbox[0].seq, &inbox[0].payload), (1, &json!({ "for": REVIEW })));
    assert_eq!(open_paths(store, run).await, [""; 0]);
    all(store, vec![leaves(run, 1, REVIEW)]).await;
    assert_eq!(answered_paths(store, run).await, [""; 0], "leaving the place consumes its answer");
    assert_refused!(one(store, resume(run, REVIEW)).await, Refused::AlreadyResumed);
    assert_eq!(facts(store, run).await, ["run.started", "run.resumed"]);
}
