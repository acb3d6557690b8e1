use super::given::*;

/// A run of a live worker cannot be claimed, by itself neither, and a refused claim changes nothing.
pub async fn claim_is_exclusive(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    all(store, vec![lease(first, 100)]).await;
    let run = start(store, first).await;
    let busy = one(store, claim(run, second, 50)).await;
    assert!(matches!(busy, Err(Refused::Busy { until }) if until == at(100)), "{busy:?}");
    assert_eq!(claimed(store, claim_any(second, 50, 9)).await, []);
    assert_refused!(one(store, claim(run, first, 50)).await, Refused::Busy { .. });
    assert_eq!(run_row(store, run).await.epoch, 1, "a refused claim leaves the epoch alone");
}
