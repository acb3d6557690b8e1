use super::given::*;

/// A wait for a time, for a signal or for an answer ends by that only.
pub async fn a_wait_ends_only_by_what_it_waits_for(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![waits(run, "w/a#0", until(900)), waits(run, "w/b#0", named("n")), waits(run, "w/c#0", WaitsFor::Answer)])
        .await;
    for path in ["w/a#0", "w/b#0"] {
        let resume = Record::Resume { run, path: path.to_owned(), payload: json!(1), request: None, now: at(5) };
        assert!(matches!(one(store, resume).await, Err(Refused::NotSuspended)));
    }
    for path in ["w/b#0", "w/c#0"] {
        assert!(matches!(one(store, fire(run, path)).await, Err(Refused::NotSuspended)));
    }
    assert_eq!(store.run(run).await.unwrap().unwrap().inbox_seq, 0);
}
