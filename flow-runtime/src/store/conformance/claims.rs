//! Who may drive a run.

use super::*;

pub(super) async fn claim_is_exclusive(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    all(store, vec![lease(first, 100)]).await;
    let run = start(store, first).await;
    let busy = one(store, claim(run, second, 50)).await;
    assert!(matches!(busy, Err(Refused::Busy { until }) if until == at(100)), "{busy:?}");
    assert_eq!(claimed(store, claim_any(second, 50, 9)).await, []);
    assert_refused!(one(store, claim(run, first, 50)).await, Refused::Busy { .. });
    assert_eq!(run_row(store, run).await.epoch, 1, "a refused claim leaves the epoch alone");
}

pub(super) async fn a_lease_that_ran_out_frees_runs(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    all(store, vec![lease(first, 100), lease(second, 500)]).await;
    let run = start(store, first).await;
    all(store, vec![lease(first, 200)]).await;
    assert_refused!(one(store, claim(run, second, 199)).await, Refused::Busy { .. });
    assert_eq!(claimed(store, claim_any(second, 199, 9)).await, []);
    let other = start(store, first).await;
    let claims = claimed(store, claim(run, second, 200)).await;
    assert_eq!(claims, [Claim { run, workflow: "content".to_owned(), epoch: 2, inbox_seq: 0 }]);
    assert_eq!(claimed(store, claim_any(second, 200, 9)).await[0].run, other);
    assert_refused!(one(store, note(run, 1, 1)).await, Refused::Fenced);
    all(store, vec![note(run, 2, 1)]).await;
    assert_refused!(one(store, claim(run, first, 300)).await, Refused::Busy { .. });
}

pub(super) async fn release_frees_at_once(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    all(store, vec![lease(first, 1000)]).await;
    let run = start(store, first).await;
    all(store, vec![Record::Release { worker: first }]).await;
    assert_eq!(store.owned(first).await.unwrap(), []);
    assert_eq!(claimed(store, claim(run, second, 1)).await[0].epoch, 2);
}

pub(super) async fn claim_any_takes_the_oldest(store: &dyn Store) {
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

pub(super) async fn claim_any_takes_only_known_workflows(store: &dyn Store) {
    let mut runs = Vec::new();
    for workflow in ["content", "other", "it's \"odd\""] {
        let new = NewRun { workflow: workflow.to_owned(), ..new_run(worker()) };
        runs.push(new.run);
        all(store, vec![Record::Start(new.into())]).await;
    }
    let of = |names: &[&str]| {
        let workflows = names.iter().map(|name| (*name).to_owned()).collect();
        Record::ClaimAny { worker: worker(), workflows, now: at(10), limit: 9 }
    };
    assert_eq!(claimed(store, of(&[])).await, []);
    assert_eq!(claimed(store, of(&["unknown"])).await, []);
    let claims = claimed(store, of(&["it's \"odd\"", "content"])).await;
    assert_eq!(claims.iter().map(|claim| claim.run).collect::<Vec<_>>(), [runs[0], runs[2]]);
}

pub(super) async fn owned_reports(store: &dyn Store) {
    let (me, other) = (worker(), worker());
    all(store, vec![lease(me, 1000), lease(other, 1000)]).await;
    let (kept, parked, stolen) = (start(store, me).await, start(store, me).await, start(store, me).await);
    start(store, other).await;
    all(store, vec![opens(kept, 1, "content/review#0"), resume(kept, "content/review#0"), park(parked, 1, 0)]).await;
    all(store, vec![lease(me, 100), claim(stolen, other, 100), lease(me, 1000)]).await;
    let mine = Claim { run: kept, workflow: "content".to_owned(), epoch: 1, inbox_seq: 1 };
    assert_eq!(store.owned(me).await.unwrap(), [mine]);
    assert_eq!(store.owned(other).await.unwrap().len(), 2);
    assert_eq!(store.owned(worker()).await.unwrap(), []);
}

pub(super) async fn epoch_fences(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    claimed(store, claim(run, me, 1)).await;
    for epoch in [0, 1, 3] {
        for late in [opens(run, epoch, "content/late#0"), completes(run, epoch), note(run, epoch, 1), park(run, epoch, 0)] {
            assert_refused!(one(store, late).await, Refused::Fenced);
        }
    }
    assert_eq!(paths(store, run).await, ["content"]);
    assert_eq!(facts(store, run).await, ["run.started"]);
    all(store, vec![note(run, 2, 1)]).await;
}

pub(super) async fn claiming_judges_the_status(store: &dyn Store) {
    let me = worker();
    let (parked, completed, failed, cancelled) =
        (start(store, me).await, start(store, me).await, start(store, me).await, start(store, me).await);
    all(store, vec![park(parked, 1, 0), completes(completed, 1), fails(failed, 1), cancel(cancelled)]).await;
    for run in [parked, completed, failed, cancelled] {
        let status = status(store, run).await;
        let answer = one(store, claim(run, me, 10)).await;
        assert!(matches!(answer, Err(Refused::WrongStatus(found)) if found == status), "{answer:?}");
        assert_refused!(one(store, note(run, 1, 1)).await, Refused::Fenced);
    }
    assert_eq!(claimed(store, claim_any(me, 10, 9)).await, []);
    assert_eq!(store.owned(me).await.unwrap(), []);
}
