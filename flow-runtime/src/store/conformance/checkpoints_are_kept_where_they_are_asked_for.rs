use super::given::*;

/// A run with checkpoints keeps each frame and each place that was left, in their order and with the large values that were new, also
/// when it has ended, until it is pruned. A run without keeps nothing.
pub async fn checkpoints_are_kept_where_they_are_asked_for(store: &dyn Store) {
    let worker = worker();
    let without = start(store, worker).await;
    let new = NewRun { checkpoints: true, frame: FrameRow { values: vec![value(1)], ..row("content") }, ..new_run(worker) };
    let run = new.run;
    let mut batch = vec![Record::Start(new.into())];
    for run in [without, run] {
        let arm = FrameRow { values: vec![value(2), value(3)], ..row("content/a#0/left") };
        let own = FrameRow { dead: vec![1], ..row("content") };
        let left = Some("content/a#0".to_owned());
        let kept_back = KeptBack { left: vec!["content/b#0".to_owned()], frames: vec![row("content/b#0/x")] };
        batch.push(Record::Transition(Transition { frame: Some(arm), ..step(run, 1) }.into()));
        batch.push(Record::Transition(Transition { kept_back, left, frame: Some(own), ..step(run, 1) }.into()));
        batch.push(completes(run, 1));
    }
    all(store, batch).await;
    let kept = |path: &str, values: &[ValueId]| {
        let values = values.iter().map(|id| (*id, value(*id).value)).collect();
        Checkpoint { path: path.to_owned(), frame: Some(row(path).bytes), values }
    };
    let left = |path: &str| Checkpoint { path: path.to_owned(), frame: None, values: vec![] };
    let expected = [
        kept("content", &[1]),
        kept("content/a#0/left", &[2, 3]),
        left("content/b#0"),
        kept("content/b#0/x", &[]),
        left("content/a#0"),
        kept("content", &[]),
    ];
    assert_eq!(store.checkpoints(run).await.unwrap(), expected);
    assert_eq!(store.checkpoints(without).await.unwrap(), []);
    let prune = Record::Prune { before: at(500), failed: false, limit: 9 };
    assert_eq!(one(store, prune).await.unwrap(), Committed::Pruned(2));
    assert_eq!(store.checkpoints(run).await.unwrap(), []);
}
