use super::given::*;

/// A completed run keeps its output and its events only, and other runs are left alone.
pub async fn completed_deletes_frames(store: &dyn Store) {
    let me = worker();
    let (run, other) = (start(store, me).await, start(store, me).await);
    let large = FrameRow { values: vec![value(1)], ..row("content") };
    let transition = Transition { frame: Some(large.clone()), ..step(run, 1) };
    all(store, vec![Record::Transition(transition.into()), opens(run, 1, "content/a#0"), opens(other, 1, "content/a#0")]).await;
    let end = Some(End::Completed(Encoded::of("the output").unwrap()));
    let last = Transition { frame: Some(large), end, facts: vec![Fact::RunCompleted], ..step(run, 1) };
    all(store, vec![Record::Transition(last.into())]).await;
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.output.unwrap().decode::<String>().unwrap().as_str()), (RunStatus::Completed, "the output"));
    assert_eq!(paths(store, run).await, [""; 0]);
    assert_eq!(value_ids(store, run).await, [0; 0]);
    assert_eq!(open_paths(store, run).await, [""; 0]);
    assert_eq!(facts(store, run).await, ["run.started", "run.completed"]);
    assert_eq!(store.owned(me).await.unwrap().len(), 1);
    assert_eq!(open_paths(store, other).await, ["content/a#0"], "another run is left alone");
}
