use super::given::*;

/// A claim tells how many owners of the run died in a row: what they noted does not count as done, a transition does.
pub async fn deaths_in_a_row_are_counted(store: &dyn Store) {
    let workers: Vec<_> = (0..5).map(|_| worker()).collect();
    for (index, worker) in workers.iter().enumerate() {
        all(store, vec![lease(*worker, 100 * (index as u64 + 1))]).await;
    }
    let run = start(store, workers[0]).await;
    let recoveries = async |record| match &claimed(store, record).await[..] {
        [claim] => claim.recoveries,
        claims => panic!("expected one claim, got {claims:?}"),
    };
    assert_eq!(recoveries(claim(run, workers[1], 100)).await, 1);
    all(store, vec![note(run, 2, 1)]).await;
    let any = |recoveries| {
        let workflows = vec!["content".to_owned()];
        Record::ClaimAny { worker: workers[2], workflows, recoveries, now: at(200), limit: 9 }
    };
    for others in [0..1, 2..9] {
        assert_eq!(claimed(store, any(others)).await, [], "only those are taken that are asked for");
    }
    assert_eq!(recoveries(any(1..2)).await, 2);
    assert_eq!(store.owned(workers[2]).await.unwrap()[0].recoveries, 2, "the owner can look it up");

    all(store, vec![Record::Transition(step(run, 3).into())]).await;
    assert_eq!(store.owned(workers[2]).await.unwrap()[0].recoveries, 0);
    assert_eq!(recoveries(claim(run, workers[3], 300)).await, 1, "something was done between");

    all(store, vec![Record::Release { worker: workers[3] }]).await;
    assert_eq!(recoveries(claim(run, workers[4], 301)).await, 1, "who lets go of a run has not died");

    all(store, vec![fails(run, 5)]).await;
    assert_eq!(recoveries(Record::Retry { run, worker: workers[4], now: at(302) }).await, 0);
}
