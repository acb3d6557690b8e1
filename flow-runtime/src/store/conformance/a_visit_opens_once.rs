use super::given::*;

const REVIEW: &str = "content/review#0";

/// A visit that was open once never opens again.
pub async fn a_visit_opens_once(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![opens(run, 1, REVIEW)]).await;
    let again = Transition { left: Some("content".to_owned()), opens: Some(opening(REVIEW)), ..step(run, 1) };
    for record in [opens(run, 1, REVIEW), Record::Transition(again.into())] {
        let answer = one(store, record).await;
        assert!(matches!(&answer, Err(Refused::Store(error)) if error.to_string().contains("opened before")), "{answer:?}");
    }
    assert_eq!(paths(store, run).await, ["content", REVIEW], "a refused record changes nothing");
    assert_eq!(open_paths(store, run).await, [REVIEW]);
}
