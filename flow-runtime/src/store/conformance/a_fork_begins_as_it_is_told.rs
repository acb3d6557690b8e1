use super::given::*;

/// A run may begin with several frames and with places that wait, all of it in one record; it tells of which run it is a fork.
pub async fn a_fork_begins_as_it_is_told(store: &dyn Store) {
    let worker = worker();
    let of = start(store, worker).await;
    let arms = vec![FrameRow { values: vec![value(3)], ..row("content/a#0/left") }, row("content/a#0/right")];
    let forked = Forked { of, at: "content/a#0".to_owned(), arms, opens: vec![opening("content/a#0/right")] };
    let new = NewRun { forked: Some(forked.into()), ..new_run(worker) };
    let run = new.run;
    all(store, vec![Record::Start(new.into())]).await;
    assert_eq!(paths(store, run).await, ["content", "content/a#0/left", "content/a#0/right"]);
    assert_eq!(value_ids(store, run).await, [3]);
    assert_eq!(open_paths(store, run).await, ["content/a#0/right"]);
    let told = [Fact::RunStarted, Fact::RunForked { of, at: "content/a#0".to_owned() }];
    let events = store.events(run, 0).await.unwrap();
    assert_eq!(events.into_iter().map(|event| event.fact).collect::<Vec<_>>(), told);
    all(store, vec![resume(run, "content/a#0/right")]).await;
    assert_eq!((answered_paths(store, run).await.len(), answered_paths(store, of).await.len()), (1, 0));
}
