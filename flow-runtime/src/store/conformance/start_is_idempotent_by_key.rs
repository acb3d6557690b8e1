use super::given::*;
use crate::store::RunFilter;

/// Two starts of one key make one run.
pub async fn start_is_idempotent_by_key(store: &dyn Store) {
    let keyed = || NewRun { key: Some("order-17".to_owned()), ..new_run(worker()) };
    let (first, second) = (keyed(), keyed());
    let run = first.run;
    let answers = store.commit(vec![Record::Start(first.into()), Record::Start(second.into())]).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [Committed::Started { run, fresh: true }, Committed::Started { run, fresh: false }]);
    all(store, vec![completes(run, 1)]).await;
    assert_eq!(one(store, Record::Start(keyed().into())).await.unwrap(), Committed::Started { run, fresh: false });
    assert_eq!(store.runs(RunFilter::default()).await.unwrap().len(), 1);
}
