use super::given::*;

/// What a transition brings of earlier moves is applied with it, and before it: places are left, frames written, then comes its own.
/// A claim tells that the run keeps moves back.
pub async fn what_was_kept_back_is_applied_first(store: &dyn Store) {
    let worker = worker();
    let new = NewRun { durability: Durability::Suspend, ..new_run(worker) };
    let run = new.run;
    all(store, vec![Record::Start(new.into())]).await;
    assert_eq!(store.owned(worker).await.unwrap()[0].durability, Durability::Suspend);

    let write = |path: &str, values: Vec<_>| FrameRow { values, ..row(path) };
    let arm = Transition { frame: Some(write("content/a#0/left", vec![value(1)])), ..step(run, 1) };
    all(store, vec![opens(run, 1, "content/a#0/right"), Record::Transition(arm.into())]).await;
    let kept_back = KeptBack {
        left: vec!["content/a#0".to_owned(), "content/b#0".to_owned()],
        frames: vec![write("content/c#0/left", vec![value(2)]), write("content/c#0/right", vec![value(3)])],
    };
    let moves = Transition {
        kept_back,
        left: Some("content/c#0/right".to_owned()),
        frame: Some(write("content", vec![])),
        opens: Some(opening("content/d#0")),
        facts: vec![Fact::RunRecovered; 3],
        ..step(run, 1)
    };
    all(store, vec![Record::Transition(moves.clone().into())]).await;
    assert_eq!(paths(store, run).await, ["content", "content/c#0/left"]);
    assert_eq!(value_ids(store, run).await, [2]);
    assert_eq!(open_paths(store, run).await, ["content/d#0"]);
    assert_refused!(one(store, resume(run, "content/a#0/right")).await, Refused::Withdrawn);

    let again = Transition { again: true, ..moves };
    all(store, vec![Record::Transition(again.into())]).await;
    assert_eq!(facts(store, run).await.len(), 1 + 3, "given again it changes nothing");
}
