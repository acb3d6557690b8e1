use super::given::*;

/// What a transition leaves is deleted before what it writes is written.
pub async fn an_arm_ends_at_the_path_it_leaves(store: &dyn Store) {
    let run = start(store, worker()).await;
    let path = "content/pages#0/fetch#0";
    let frame = FrameRow { bytes: b"done".to_vec(), values: vec![value(2)], dead: vec![1], ..row(path) };
    let first = FrameRow { values: vec![value(1)], ..row(path) };
    let enters = Transition { frame: Some(first), ..step(run, 1) };
    let done = Transition { frame: Some(frame), left: Some(path.to_owned()), ..step(run, 1) };
    all(store, vec![Record::Transition(enters.into()), Record::Transition(done.into())]).await;
    assert_eq!(store.frames(run).await.unwrap()[1], (path.to_owned(), b"done".to_vec()));
    assert_eq!(value_ids(store, run).await, [2]);
}
