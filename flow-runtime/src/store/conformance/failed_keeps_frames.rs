use super::given::*;

/// A failed run keeps its frames, its values, what is open and what was answered.
pub async fn failed_keeps_frames(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    let large = FrameRow { values: vec![value(1)], ..row("content") };
    let transition = Transition { frame: Some(large), ..step(run, 1) };
    all(store, vec![Record::Transition(transition.into()), opens(run, 1, "content/a#0"), opens(run, 1, "content/b#0")]).await;
    all(store, vec![resume(run, "content/b#0"), fails(run, 1)]).await;
    let row = run_row(store, run).await;
    let error = row.error.unwrap();
    assert_eq!((row.status, error.to_string().as_str()), (RunStatus::Failed, "the printer is on fire"));
    assert_eq!(error.path(), Some("content/print#0"));
    assert_eq!(paths(store, run).await, ["content", "content/a#0", "content/b#0"]);
    assert_eq!(value_ids(store, run).await, [1]);
    assert_eq!(open_paths(store, run).await, ["content/a#0"]);
    assert_eq!(answered_paths(store, run).await, ["content/b#0"]);
    assert_eq!(store.owned(me).await.unwrap(), []);
}
