use super::given::*;
use crate::store::RunFilter;

/// Runs are listed newest first, as the filter says.
pub async fn runs_are_listed_newest_first(store: &dyn Store) {
    let mut runs = Vec::new();
    for (started, workflow) in [(2, "content"), (1, "content"), (3, "other")] {
        let new = NewRun { now: at(started), workflow: workflow.to_owned(), ..new_run(worker()) };
        runs.push(new.run);
        all(store, vec![Record::Start(new.into())]).await;
    }
    all(store, vec![park(runs[0], 1, 0)]).await;
    let list = async |filter| store.runs(filter).await.unwrap().into_iter().map(|row| row.run).collect::<Vec<_>>();
    assert_eq!(list(RunFilter::default()).await, [runs[2], runs[0], runs[1]]);
    assert_eq!(list(RunFilter { limit: 2, ..RunFilter::default() }).await, [runs[2], runs[0]]);
    let before = Some((at(2), runs[0]));
    assert_eq!(list(RunFilter { before, ..RunFilter::default() }).await, [runs[1]]);
    let first = store.runs(RunFilter { limit: 1, ..RunFilter::default() }).await.unwrap();
    let before = first.last().map(|row| (row.started, row.run));
    assert_eq!(list(RunFilter { before, limit: 1, ..RunFilter::default() }).await, [runs[0]]);
    let content = RunFilter { workflow: Some("content".to_owned()), ..RunFilter::default() };
    assert_eq!(list(content.clone()).await, [runs[0], runs[1]]);
    assert_eq!(list(RunFilter { status: Some(RunStatus::Running), ..content }).await, [runs[1]]);
    assert_eq!(list(RunFilter { status: Some(RunStatus::Failed), ..RunFilter::default() }).await, []);
}
