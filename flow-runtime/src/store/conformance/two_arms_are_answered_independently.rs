use super::given::*;

/// Answers of two arms stay in the order they came, and each is consumed with its own place.
pub async fn two_arms_are_answered_independently(store: &dyn Store) {
    let run = start(store, worker()).await;
    let (a, b) = ("content/pages#0/1#0", "content/pages#0/10#0");
    all(store, vec![opens(run, 1, a), opens(run, 1, b), park(run, 1, 0), resume(run, b), resume(run, a)]).await;
    assert_eq!(answered_paths(store, run).await, [b, a], "answers stay in the order they came");
    all(store, vec![leaves(run, 1, b)]).await;
    assert_eq!(answered_paths(store, run).await, [a]);
}
