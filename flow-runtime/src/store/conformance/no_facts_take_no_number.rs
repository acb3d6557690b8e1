use super::given::*;

/// A record without facts takes no number.
pub async fn no_facts_take_no_number(store: &dyn Store) {
    let run = start(store, worker()).await;
    for _ in 0..2 {
        assert_eq!(one(store, note(run, 1, 0)).await.unwrap(), Committed::Written { first: 1 });
    }
    assert_eq!(one(store, note(run, 1, 1)).await.unwrap(), Committed::Written { first: 1 });
    assert_eq!(facts(store, run).await, ["run.started", "run.recovered"]);
}
