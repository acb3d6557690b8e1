use super::given::*;

/// `ClaimAny` takes the oldest runs that nobody live owns, no more than it is asked for.
pub async fn claim_any_takes_the_oldest(store: &dyn Store) {
    let (dead, live, thief) = (worker(), worker(), worker());
    all(store, vec![lease(live, 1000)]).await;
    let mut runs = Vec::new();
    for (owner, started) in [(dead, 3), (live, 1), (dead, 2), (dead, 4)] {
        let new = NewRun { now: at(started), ..new_run(owner) };
        runs.push(new.run);
        all(store, vec![Record::Start(new.into())]).await;
    }
    let ids = |claims: Vec<Claim>| claims.into_iter().map(|claim| claim.run).collect::<Vec<_>>();
    let claim_two = || claim_any(thief, 10, 2);
    all(store, vec![lease(thief, 1000)]).await;
    assert_eq!(ids(claimed(store, claim_two()).await), [runs[2], runs[0]]);
    assert_eq!(ids(claimed(store, claim_two()).await), [runs[3]]);
    assert_eq!(ids(claimed(store, claim_two()).await), []);
}
