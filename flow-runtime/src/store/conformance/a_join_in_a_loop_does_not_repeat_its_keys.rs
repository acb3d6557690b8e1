use super::given::*;

/// The arms of a join in a loop differ from turn to turn by the visit of the join: an answer, a frame or a value of one turn never
/// counts in another.
pub async fn a_join_in_a_loop_does_not_repeat_its_keys(store: &dyn Store) {
    let run = start(store, worker()).await;
    let arm = |turn: u64, item: u64| format!("content/pages#{turn}[{item}]/ask#0");
    for turn in [1, 10, 11, 2] {
        let enters = |item| {
            let path = arm(turn, item);
            let frame = FrameRow { values: vec![value(turn * 10 + item)], ..row(&path) };
            Record::Transition(Transition { frame: Some(frame), opens: Some(opening(&path)), ..step(run, 1) }.into())
        };
        all(store, (0..3).map(enters).collect()).await;
        all(store, vec![resume(run, &arm(turn, 1)), resume(run, &arm(turn, 0))]).await;
        assert_eq!(answered_paths(store, run).await, [arm(turn, 1), arm(turn, 0)]);
        assert_eq!(open_paths(store, run).await, [arm(turn, 2)]);
        assert_eq!(value_ids(store, run).await, [0, 1, 2].map(|item| turn * 10 + item));
        all(store, vec![leaves(run, 1, &format!("content/pages#{turn}"))]).await;
        assert_refused!(one(store, resume(run, &arm(turn, 0))).await, Refused::AlreadyResumed);
        assert_refused!(one(store, resume(run, &arm(turn, 2))).await, Refused::Withdrawn);
        assert_eq!((paths(store, run).await, value_ids(store, run).await), (vec!["content".to_owned()], vec![]));
        assert_eq!(answered_paths(store, run).await, [""; 0]);
    }
    assert_eq!(run_row(store, run).await.inbox_seq, 8);
}
