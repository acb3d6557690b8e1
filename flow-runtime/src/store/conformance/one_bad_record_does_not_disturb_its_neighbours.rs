use super::given::*;

/// A refused record changes nothing, and its neighbours in the batch are applied.
pub async fn one_bad_record_does_not_disturb_its_neighbours(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![opens(run, 1, "content/a#0")]).await;
    let half = Transition { left: Some("content".to_owned()), facts: vec![Fact::RunRecovered], ..step(run, 1) };
    let half = Transition { frame: Some(row("content/half#0")), opens: Some(opening("content/a#0")), ..half };
    let bad = [Record::Transition(half.into()), note(run, 9, 1), cancel(RunId::new()), resume(run, "content/never#0")];
    let mut batch = vec![note(run, 1, 1)];
    for bad in bad {
        batch.extend([bad, note(run, 1, 1)]);
    }
    let accepted: Vec<_> = store.commit(batch).await.iter().map(Result::is_ok).collect();
    assert_eq!(accepted, [true, false, true, false, true, false, true, false, true]);
    assert_eq!(facts(store, run).await.len(), 6);
    assert_eq!(paths(store, run).await, ["content", "content/a#0"]);
    assert_eq!(open_paths(store, run).await, ["content/a#0"]);
    assert_eq!(store.commit(vec![]).await.len(), 0);
}
