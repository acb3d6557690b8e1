use super::given::*;

/// Of two places that wait for one signal the one that opened first gets it.
pub async fn the_place_that_opened_first_gets_the_signal(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![waits(run, "w/b#0", named("n")), waits(run, "w/a#0", named("n")), send(run, "n", 1)]).await;
    assert_eq!(answers(store, run).await, [("w/b#0".to_owned(), json!(1))]);
    assert_eq!(open_paths(store, run).await, ["w/a#0"]);
}
