use super::given::*;

/// `ClaimAny` takes only runs of the workflows that the worker knows.
pub async fn claim_any_takes_only_known_workflows(store: &dyn Store) {
    let mut runs = Vec::new();
    for workflow in ["content", "other", "it's \"odd\""] {
        let new = NewRun { workflow: workflow.to_owned(), ..new_run(worker()) };
        runs.push(new.run);
        all(store, vec![Record::Start(new.into())]).await;
    }
    let of = |names: &[&str]| {
        let workflows = names.iter().map(|name| (*name).to_owned()).collect();
        Record::ClaimAny { worker: worker(), workflows, recoveries: 0..9, now: at(10), limit: 9 }
    };
    assert_eq!(claimed(store, of(&[])).await, []);
    assert_eq!(claimed(store, of(&["unknown"])).await, []);
    let claims = claimed(store, of(&["it's \"odd\"", "content"])).await;
    assert_eq!(claims.iter().map(|claim| claim.run).collect::<Vec<_>>(), [runs[0], runs[2]]);
}
