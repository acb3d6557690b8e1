use super::given::*;

/// A wait for an answer until a time ends by whichever comes first, and the other is refused.
pub async fn an_answer_and_its_deadline_end_the_wait_once(store: &dyn Store) {
    let run = start(store, worker()).await;
    let until = || WaitsFor::AnswerUntil { due: at(900) };
    all(store, vec![waits(run, "w/a#0", until()), waits(run, "w/b#0", until())]).await;
    let shown: Vec<_> = store.suspensions(run).await.unwrap().into_iter().map(|row| row.waits_for).collect();
    assert_eq!(shown, [until(), until()]);
    let paths: Vec<_> = timers(store, run).await.into_iter().map(|timer| (timer.due, timer.path)).collect();
    assert_eq!(paths, [(at(900), "w/a#0".to_owned()), (at(900), "w/b#0".to_owned())]);

    let resume = |path: &str| Record::Resume { run, path: path.to_owned(), payload: json!(1), request: None, now: at(5) };
    all(store, vec![resume("w/a#0"), fire(run, "w/b#0")]).await;
    assert_refused!(one(store, fire(run, "w/a#0")).await, Refused::AlreadyResumed);
    assert_refused!(one(store, resume("w/b#0")).await, Refused::AlreadyResumed);
    assert!(timers(store, run).await.is_empty());
    assert_eq!(answers(store, run).await, [("w/a#0".to_owned(), json!(1)), ("w/b#0".to_owned(), WaitsFor::fired())]);
}
