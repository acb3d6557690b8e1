use super::given::*;

/// A run whose arms look idle while their answers are on the way is not parked, however many there are: it is told how many
/// came, and finds them all in their order.
pub async fn deferred_wakes_find_every_answer(store: &dyn Store) {
    const ARMS: u64 = 300;
    let run = start(store, worker()).await;
    let arm = |arm: u64| format!("content/all#0[{arm}]/ask#0");
    all(store, (0..ARMS).map(|i| opens(run, 1, &arm(i))).collect()).await;
    let mut batch: Vec<_> = (0..ARMS).map(|i| resume(run, &arm(i))).collect();
    batch.insert(150, park(run, 1, 0));
    let answers = store.commit(batch).await;
    assert_eq!(answers[150].as_ref().unwrap(), &Committed::Moved { inbox_seq: 150 });
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(one(store, park(run, 1, ARMS - 1)).await.unwrap(), Committed::Moved { inbox_seq: ARMS });
    let inbox = store.inbox(run).await.unwrap();
    assert!(inbox.iter().map(|row| (row.seq, row.path.clone())).eq((0..ARMS).map(|i| (i + 1, arm(i)))));
    assert_eq!(one(store, park(run, 1, ARMS)).await.unwrap(), Committed::Done);
}
