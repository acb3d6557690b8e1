use super::given::*;

/// A worker that ends gives its runs back at once.
pub async fn release_frees_at_once(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    all(store, vec![lease(first, 1000)]).await;
    let run = start(store, first).await;
    all(store, vec![Record::Release { worker: first }]).await;
    assert_eq!(store.owned(first).await.unwrap(), []);
    assert_eq!(claimed(store, claim(run, second, 1)).await[0].epoch, 2);
}
