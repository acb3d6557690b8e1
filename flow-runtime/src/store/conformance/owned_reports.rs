use super::given::*;

/// `owned` tells a worker its runs, with epoch and `inbox_seq`, and no others.
pub async fn owned_reports(store: &dyn Store) {
    let (me, other) = (worker(), worker());
    all(store, vec![lease(me, 1000), lease(other, 1000)]).await;
    let (kept, parked, stolen) = (start(store, me).await, start(store, me).await, start(store, me).await);
    start(store, other).await;
    all(store, vec![opens(kept, 1, "content/review#0"), resume(kept, "content/review#0"), park(parked, 1, 0)]).await;
    all(store, vec![lease(me, 100), claim(stolen, other, 100), lease(me, 1000)]).await;
    let mine = Claim {
        run: kept,
        workflow: "content".to_owned(),
        epoch: 1,
        inbox_seq: 1,
        recoveries: 0,
        durability: Durability::Transition,
    };
    assert_eq!(store.owned(me).await.unwrap(), [mine]);
    assert_eq!(store.owned(other).await.unwrap().len(), 2);
    assert_eq!(store.owned(worker()).await.unwrap(), []);
}
