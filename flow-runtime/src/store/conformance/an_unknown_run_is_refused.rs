use super::given::*;

/// Records of a run that does not exist are refused and make nothing.
pub async fn an_unknown_run_is_refused(store: &dyn Store) {
    let run = RunId::new();
    let retry = Record::Retry { run, worker: worker(), now: at(0) };
    let records =
        [opens(run, 1, "a#0"), note(run, 1, 0), park(run, 1, 0), resume(run, "a#0"), cancel(run), retry, claim(run, worker(), 0)];
    for record in records {
        assert_refused!(one(store, record).await, Refused::UnknownRun);
    }
    assert!(store.run(run).await.unwrap().is_none());
    assert_eq!(paths(store, run).await.len() + facts(store, run).await.len() + answered_paths(store, run).await.len(), 0);
}
