use super::given::*;

/// The runs of a worker whose lease ran out may be claimed, and it is fenced.
pub async fn a_lease_that_ran_out_frees_runs(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    all(store, vec![lease(first, 100), lease(second, 500)]).await;
    let run = start(store, first).await;
    all(store, vec![lease(first, 200)]).await;
    assert_refused!(one(store, claim(run, second, 199)).await, Refused::Busy { .. });
    assert_eq!(claimed(store, claim_any(second, 199, 9)).await, []);
    let other = start(store, first).await;
    let claims = claimed(store, claim(run, second, 200)).await;
    assert_eq!(
        claims,
        [Claim {
            run,
            workflow: "content".to_owned(),
            epoch: 2,
            inbox_seq: 0,
            recoveries: 1,
            durability: Durability::Transition,
        }]
    );
    assert_eq!(claimed(store, claim_any(second, 200, 9)).await[0].run, other);
    assert_refused!(one(store, note(run, 1, 1)).await, Refused::Fenced);
    all(store, vec![note(run, 2, 1)]).await;
    assert_refused!(one(store, claim(run, first, 300)).await, Refused::Busy { .. });
}
