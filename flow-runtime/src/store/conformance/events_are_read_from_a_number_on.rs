use super::given::*;

/// Events are read from any number on, in the middle of a record too.
pub async fn events_are_read_from_a_number_on(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![note(run, 1, 3), note(run, 1, 2)]).await;
    for from in 0..8 {
        let numbers: Vec<_> = store.events(run, from).await.unwrap().into_iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (from..6).collect::<Vec<_>>());
    }
    assert_eq!(store.events(run, u64::MAX).await.unwrap(), []);
}
