use super::given::*;

/// Several records of one run in a batch are all applied, in their order: the last frame stands, no event is lost, and what was
/// written and left again in the same batch is gone.
pub async fn a_batch_may_hold_three_transitions_of_one_run(store: &dyn Store) {
    let run = start(store, worker()).await;
    let moves = |bytes: &str, values: Vec<ValueId>, dead: Vec<ValueId>| {
        let values = values.into_iter().map(value).collect();
        let frame = FrameRow { bytes: bytes.into(), values, dead, ..row("content/a#0") };
        Transition { frame: Some(frame), facts: vec![Fact::RunRecovered; 2], ..step(run, 1) }
    };
    let batch = [moves("one", vec![1, 2], vec![]), moves("two", vec![3], vec![1]), moves("three", vec![], vec![3])];
    let answers = store.commit(batch.map(|moves| Record::Transition(moves.into())).into()).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [1, 3, 5].map(|first| Committed::Written { first }));
    assert_eq!(store.frames(run).await.unwrap()[1], ("content/a#0".to_owned(), b"three".to_vec()));
    assert_eq!((value_ids(store, run).await, facts(store, run).await.len()), (vec![2], 7));
    let again = moves("again", vec![4], vec![]);
    let batch = vec![
        opens(run, 1, "content/a#0/ask#0"),
        resume(run, "content/a#0/ask#0"),
        Record::Transition(Transition { left: Some("content/a#0".to_owned()), ..again }.into()),
        opens(run, 1, "content/a#0/ask#1"),
        leaves(run, 1, "content/a#0/ask#1"),
        resume(run, "content/a#0/ask#1"),
        opens(run, 1, "content/a#0/ask#2"),
    ];
    let answers = store.commit(batch).await;
    assert!(matches!(answers[5], Err(Refused::Withdrawn)), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 6, "{answers:?}");
    assert_eq!(paths(store, run).await, ["content", "content/a#0", "content/a#0/ask#2"]);
    assert_eq!(value_ids(store, run).await, [4]);
    assert_eq!((open_paths(store, run).await, answered_paths(store, run).await), (vec!["content/a#0/ask#2".to_owned()], vec![]));
    assert_refused!(one(store, resume(run, "content/a#0/ask#0")).await, Refused::AlreadyResumed);
}
