use super::given::*;

/// Open suspensions are listed in the order of their opening, as they were written.
pub async fn suspensions_are_listed_oldest_first(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, ["content/b#0", "content/c#0", "content/a#0"].map(|path| opens(run, 1, path)).into()).await;
    let rows = store.suspensions(run).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.path.as_str()).collect::<Vec<_>>(), ["content/b#0", "content/c#0", "content/a#0"]);
    let row = &rows[0];
    assert_eq!(
        (row.node.as_str(), &row.payload, &row.schema, row.since),
        ("review", &json!({ "draft": row.path }), &json!(true), at(10))
    );
}
