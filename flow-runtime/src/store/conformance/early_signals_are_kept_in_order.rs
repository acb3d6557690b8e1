use super::given::*;

/// Signals that nobody waits for yet are kept, and taken in the order they came.
pub async fn early_signals_are_kept_in_order(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![send(run, "n", 1), send(run, "m", 2), send(run, "n", 3)]).await;
    assert!(answers(store, run).await.is_empty());
    all(store, vec![waits(run, "w/a#0", named("n"))]).await;
    assert_eq!(answers(store, run).await, [("w/a#0".to_owned(), json!(1))]);
    all(store, vec![leaves(run, 1, "w/a#0"), waits(run, "w/a#1", named("n"))]).await;
    assert_eq!(answers(store, run).await, [("w/a#1".to_owned(), json!(3))]);
}
