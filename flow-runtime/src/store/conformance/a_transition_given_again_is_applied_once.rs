use super::given::*;

const REVIEW: &str = "content/review#0";

/// A store that failed may have applied what it was given. Given again, a transition whose frame stands there changes nothing;
/// one that was not applied is applied now.
pub async fn a_transition_given_again_is_applied_once(store: &dyn Store) {
    let run = start(store, worker()).await;
    let enters = |bytes: &[u8], left: Option<&str>, again| {
        let frame = FrameRow { bytes: bytes.to_vec(), values: vec![value(1)], ..row("content") };
        let (opens, left) = (left.is_none().then(|| opening(REVIEW)), left.map(str::to_owned));
        let facts = vec![Fact::RunRecovered; 2];
        Record::Transition(Transition { frame: Some(frame), left, opens, facts, again, ..step(run, 1) }.into())
    };
    all(store, vec![enters(b"at the review", None, true)]).await;
    all(store, vec![enters(b"at the review", None, true), resume(run, REVIEW), enters(b"at the review", None, true)]).await;
    assert_eq!((facts(store, run).await.len(), run_row(store, run).await.inbox_seq), (4, 1));
    assert_eq!((open_paths(store, run).await, answered_paths(store, run).await), (vec![], vec![REVIEW.to_owned()]));
    all(store, vec![enters(b"behind it", Some(REVIEW), true), enters(b"behind it", Some(REVIEW), true)]).await;
    assert_eq!((facts(store, run).await.len(), answered_paths(store, run).await), (6, vec![]));
    assert_eq!(store.frames(run).await.unwrap(), [("content".to_owned(), b"behind it".to_vec())]);
    all(store, vec![cancel(run)]).await;
    assert_refused!(one(store, enters(b"behind it", Some(REVIEW), true)).await, Refused::Fenced);
}
