use super::given::*;

/// A signal that lay with a place which was left from above is kept again.
pub async fn a_signal_that_was_not_taken_is_kept_again(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![waits(run, "w/race#0/a#0", named("n")), send(run, "n", 1), send(run, "n", 2)]).await;
    // The race is left by another arm, and a later place asks for the same signal.
    all(store, vec![leaves(run, 1, "w/race#0"), waits(run, "w/a#0", named("n"))]).await;
    assert_eq!(answers(store, run).await, [("w/a#0".to_owned(), json!(1))]);
}
