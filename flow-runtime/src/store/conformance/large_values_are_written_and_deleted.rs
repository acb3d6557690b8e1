use super::given::*;

/// Large values stay until they are dead or the place of their frame is left.
pub async fn large_values_are_written_and_deleted(store: &dyn Store) {
    let run = start(store, worker()).await;
    let write = |path: &str, values: Vec<ValueId>, dead: Vec<ValueId>| {
        let values = values.into_iter().map(value).collect();
        Record::Transition(Transition { frame: Some(FrameRow { values, dead, ..row(path) }), ..step(run, 1) }.into())
    };
    let large = ValueId::MAX;
    all(store, vec![write("content", vec![1, large], vec![]), write("content/a#0/b#0", vec![2], vec![])]).await;
    let values = store.values(run).await.unwrap();
    assert_eq!(values.len(), 3);
    assert!(values.contains(&(large, value(large).value)));
    all(store, vec![write("content", vec![3], vec![1])]).await;
    assert!(!value_ids(store, run).await.contains(&1));
    all(store, vec![leaves(run, 1, "content/a#0"), write("content", vec![], vec![large])]).await;
    assert_eq!(value_ids(store, run).await, [3]);
}
