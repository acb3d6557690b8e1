use super::given::*;

/// A hundred arms of one run in one batch: each is written, and the events are numbered in their order.
pub async fn arms_commit_side_by_side(store: &dyn Store) {
    let run = start(store, worker()).await;
    let step_completed = |path: &str| Fact::StepCompleted { path: path.to_owned() };
    let arm = |arm: u32| {
        let path = format!("content/pages#0/{arm}#0");
        let facts = vec![step_completed(&path), step_completed(&path)];
        Record::Transition(Transition { frame: Some(row(&path)), facts, ..step(run, 1) }.into())
    };
    let answers = store.commit((0..100).map(arm).collect()).await;
    for (arm, answer) in (0..).zip(answers) {
        assert_eq!(answer.unwrap(), Committed::Written { first: 1 + 2 * arm });
    }
    assert_eq!(paths(store, run).await.len(), 101);
    assert_eq!(facts(store, run).await.len(), 201);
    let events = store.events(run, 0).await.unwrap();
    assert_eq!(events[5].fact.path(), Some("content/pages#0/2#0"));
}
