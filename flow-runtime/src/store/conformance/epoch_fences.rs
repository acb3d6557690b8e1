use super::given::*;

/// A record with another epoch than the run's is refused and changes nothing.
pub async fn epoch_fences(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    claimed(store, claim(run, me, 1)).await;
    for epoch in [0, 1, 3] {
        for late in [opens(run, epoch, "content/late#0"), completes(run, epoch), note(run, epoch, 1), park(run, epoch, 0)] {
            assert_refused!(one(store, late).await, Refused::Fenced);
        }
    }
    assert_eq!(paths(store, run).await, ["content"]);
    assert_eq!(facts(store, run).await, ["run.started"]);
    all(store, vec![note(run, 2, 1)]).await;
}
