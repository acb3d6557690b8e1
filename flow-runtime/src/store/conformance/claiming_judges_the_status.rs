use super::given::*;

/// Only running runs are claimed.
pub async fn claiming_judges_the_status(store: &dyn Store) {
    let me = worker();
    let (parked, completed, failed, cancelled) =
        (start(store, me).await, start(store, me).await, start(store, me).await, start(store, me).await);
    all(store, vec![park(parked, 1, 0), completes(completed, 1), fails(failed, 1), cancel(cancelled)]).await;
    for run in [parked, completed, failed, cancelled] {
        let status = status(store, run).await;
        let answer = one(store, claim(run, me, 10)).await;
        assert!(matches!(answer, Err(Refused::WrongStatus(found)) if found == status), "{answer:?}");
        assert_refused!(one(store, note(run, 1, 1)).await, Refused::Fenced);
    }
    assert_eq!(claimed(store, claim_any(me, 10, 9)).await, []);
    assert_eq!(store.owned(me).await.unwrap(), []);
}
