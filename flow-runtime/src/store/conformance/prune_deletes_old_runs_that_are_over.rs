use super::given::*;
use crate::store::RunFilter;

/// `Prune` deletes the oldest runs that are over, with all they left behind, as many as it is told; their keys are free again.
pub async fn prune_deletes_old_runs_that_are_over(store: &dyn Store) {
    let request = || Some("click".to_owned());
    let signal = |run| Record::Signal { run, name: "n".to_owned(), payload: json!(5), request: request(), now: at(5) };
    let mut runs = Vec::new();
    for key in ["completed", "cancelled", "failed", "parked", "running", "late"] {
        let new = NewRun { key: Some(key.to_owned()), ..new_run(worker()) };
        runs.push(new.run);
        all(store, vec![Record::Start(new.into())]).await;
    }
    let [completed, cancelled, failed, parked, running, late] = runs[..] else { unreachable!() };
    let ends = |run, end, now| Record::Transition(Transition { end: Some(end), now: at(now), ..step(run, 1) }.into());
    let output = || End::Completed(Encoded::of("the output").unwrap());
    let error = crate::Error::new("the printer is on fire");
    for run in [completed, failed] {
        all(store, vec![opens(run, 1, "content/a#0"), resume(run, "content/a#0"), signal(run)]).await;
    }
    all(store, vec![ends(completed, output(), 60), cancel(cancelled), ends(failed, End::Failed(error), 70)]).await;
    all(store, vec![park(parked, 1, 0), ends(late, output(), 90)]).await;
    let prune = |before, failed, limit| Record::Prune { before: at(before), failed, limit };
    let pruned = async |record| match one(store, record).await.unwrap() {
        Committed::Pruned(runs) => runs,
        other => panic!("expected `Pruned`, got {other:?}"),
    };
    assert_eq!(
        (pruned(prune(50, true, 9)).await, pruned(prune(80, false, 0)).await),
        (0, 0),
        "not from that time on, none at most"
    );
    assert_eq!(pruned(prune(80, false, 1)).await, 1, "the oldest first");
    assert!(store.run(cancelled).await.unwrap().is_none() && store.run(completed).await.unwrap().is_some());
    assert_eq!(pruned(prune(80, false, 9)).await, 1);
    assert_eq!(pruned(prune(80, true, 9)).await, 1);
    let mut left: Vec<_> = store.runs(RunFilter::default()).await.unwrap().into_iter().map(|row| row.run).collect();
    left.sort_unstable();
    assert_eq!(left, [parked, running, late]);
    for run in [completed, cancelled, failed] {
        assert_eq!((paths(store, run).await, facts(store, run).await), (vec![], vec![]));
        assert_eq!((answers(store, run).await, open_paths(store, run).await), (vec![], vec![]));
        assert_refused!(one(store, resume(run, "content/a#0")).await, Refused::UnknownRun);
    }
    let again = NewRun { run: completed, key: Some("completed".to_owned()), ..new_run(worker()) };
    let started = Committed::Started { run: completed, fresh: true };
    assert_eq!(one(store, Record::Start(again.into())).await.unwrap(), started, "its key and its id are free again");
    all(store, vec![opens(completed, 1, "content/a#0"), waits(completed, "content/b#0", named("n"))]).await;
    assert_eq!(answers(store, completed).await, [], "nothing of the old run is left");
    all(store, vec![signal(completed)]).await;
    assert_eq!(answers(store, completed).await, [("content/b#0".to_owned(), json!(5))], "nor its requests");
}
