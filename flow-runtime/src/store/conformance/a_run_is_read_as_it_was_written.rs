use super::given::*;

/// What is read of a run is what was written.
pub async fn a_run_is_read_as_it_was_written(store: &dyn Store) {
    let new = NewRun { key: Some("order-17".to_owned()), now: at(7), ..new_run(worker()) };
    all(store, vec![Record::Start(new.clone().into())]).await;
    let row = run_row(store, new.run).await;
    assert_eq!((row.run, row.workflow, row.fingerprint, row.key), (new.run, new.workflow, new.fingerprint, new.key));
    assert_eq!((row.status, row.epoch, row.inbox_seq), (RunStatus::Running, 1, 0));
    assert_eq!((row.input, row.output, row.error), (new.input, None, None));
    assert_eq!((row.started, row.changed), (at(7), at(7)));
    assert_eq!(store.frames(new.run).await.unwrap(), [("content".to_owned(), b"content".to_vec())]);
    assert_eq!(store.events(new.run, 0).await.unwrap()[0].time, at(7));
}
