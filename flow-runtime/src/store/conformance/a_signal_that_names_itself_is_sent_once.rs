use super::given::*;

/// The same signal once more is accepted and changes nothing, also when the run has ended.
pub async fn a_signal_that_names_itself_is_sent_once(store: &dyn Store) {
    let sends = |run, payload: u32, request: &str| {
        let (name, request) = ("n".to_owned(), Some(request.to_owned()));
        Record::Signal { run, name, payload: json!(payload), request, now: at(5) }
    };
    let (run, other) = (start(store, worker()).await, start(store, worker()).await);
    all(store, vec![sends(run, 1, "a"), sends(run, 1, "a"), sends(run, 2, "b"), sends(other, 3, "a"), send(run, "n", 4)]).await;
    all(store, vec![sends(run, 1, "a")]).await;
    for (turn, payload) in (0..).zip([1, 2, 4]) {
        let path = format!("w/a#{turn}");
        all(store, vec![waits(run, &path, named("n")), sends(run, 1, "a")]).await;
        assert_eq!(answers(store, run).await, [(path.clone(), json!(payload))]);
        all(store, vec![leaves(run, 1, &path), sends(run, 2, "b")]).await;
    }
    all(store, vec![waits(run, "w/a#3", named("n"))]).await;
    assert_eq!(answers(store, run).await, []);
    all(store, vec![completes(run, 1), sends(run, 1, "a")]).await;
    assert_refused!(one(store, sends(run, 9, "c")).await, Refused::WrongStatus(RunStatus::Completed));
    all(store, vec![waits(other, "w/a#0", named("n"))]).await;
    assert_eq!(answers(store, other).await, [("w/a#0".to_owned(), json!(3))], "another run has requests of its own");
}
