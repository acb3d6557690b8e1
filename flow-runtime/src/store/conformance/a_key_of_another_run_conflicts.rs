use super::given::*;

/// A key with another input or workflow is a conflict that names the run it belongs to.
pub async fn a_key_of_another_run_conflicts(store: &dyn Store) {
    let keyed = || NewRun { key: Some("order-17".to_owned()), ..new_run(worker()) };
    let first = keyed();
    let id = first.run;
    all(store, vec![Record::Start(first.into())]).await;
    let other_input = NewRun { input: Encoded::of("another").unwrap(), ..keyed() };
    let other_workflow = NewRun { workflow: "another".to_owned(), ..keyed() };
    for other in [other_input, other_workflow] {
        let answer = one(store, Record::Start(other.into())).await;
        assert!(
            matches!(&answer, Err(Refused::KeyConflict { run, workflow }) if *run == id && workflow == "content"),
            "{answer:?}"
        );
    }
    let other_key = NewRun { key: Some("order-18".to_owned()), ..keyed() };
    all(store, vec![Record::Start(other_key.into()), Record::Start(new_run(worker()).into())]).await;
}
