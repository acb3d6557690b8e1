//! What one machine writes when it moves.

use super::*;

pub(super) async fn arms_commit_side_by_side(store: &dyn Store) {
    let run = start(store, worker()).await;
    let step_completed = |path: &str| Fact::StepCompleted { path: path.to_owned() };
    let arm = |arm: u32| {
        let path = format!("content/pages#0/{arm}#0");
        let facts = vec![step_completed(&path), step_completed(&path)];
        Record::Transition(Transition { frame: Some(row(&path)), facts, ..step(run, 1) }.into())
    };
    let answers = store.commit((0..100).map(arm).collect()).await;
    for (arm, answer) in (0..).zip(answers) {
        assert_eq!(answer.unwrap(), Committed::Written { first: 1 + 2 * arm });
    }
    assert_eq!(paths(store, run).await.len(), 101);
    assert_eq!(facts(store, run).await.len(), 201);
    let events = store.events(run, 0).await.unwrap();
    assert_eq!(events[5].fact.path(), Some("content/pages#0/2#0"));
}

pub(super) async fn leaving_a_place_withdraws_and_deletes(store: &dyn Store) {
    let (run, other) = (start(store, worker()).await, start(store, worker()).await);
    let gone = ["content/a#1", "content/a#1/x#0", "content/a#1/x#0/y#0", "content/a#1[0]", "content/a#1[20]/x#0"];
    let kept = ["content/a#10", "content/a#10/x#0", "content/a#10[1]/x#0", "content/a#1-b/x#0", "content/b#0"];
    for path in gone.into_iter().chain(kept) {
        let answered = format!("{path}/answered#0");
        all(store, vec![opens(run, 1, path), opens(run, 1, &answered), opens(other, 1, path), resume(run, &answered)]).await;
    }
    let twice = |paths: &[&str]| {
        let mut all: Vec<_> = paths.iter().flat_map(|path| [(*path).to_owned(), format!("{path}/answered#0")]).collect();
        all.sort_unstable();
        all
    };
    all(store, vec![leaves(run, 1, "content/a#1")]).await;
    assert_eq!(paths(store, run).await[1..], twice(&kept));
    assert_eq!(open_paths(store, run).await, kept);
    assert_eq!(answered_paths(store, run).await, kept.map(|path| format!("{path}/answered#0")));
    for path in gone {
        assert_refused!(one(store, resume(run, path)).await, Refused::Withdrawn);
        assert_refused!(one(store, resume(run, &format!("{path}/answered#0"))).await, Refused::AlreadyResumed);
    }
    assert_eq!(open_paths(store, other).await.len(), gone.len() + kept.len(), "another run is left alone");
}

pub(super) async fn an_arm_ends_at_the_path_it_leaves(store: &dyn Store) {
    let run = start(store, worker()).await;
    let path = "content/pages#0/fetch#0";
    let frame = FrameRow { bytes: b"done".to_vec(), values: vec![value(2)], dead: vec![1], ..row(path) };
    let first = FrameRow { values: vec![value(1)], ..row(path) };
    let enters = Transition { frame: Some(first), ..step(run, 1) };
    let done = Transition { frame: Some(frame), left: Some(path.to_owned()), ..step(run, 1) };
    all(store, vec![Record::Transition(enters.into()), Record::Transition(done.into())]).await;
    assert_eq!(store.frames(run).await.unwrap()[1], (path.to_owned(), b"done".to_vec()));
    assert_eq!(value_ids(store, run).await, [2]);
}

pub(super) async fn large_values_are_written_and_deleted(store: &dyn Store) {
    let run = start(store, worker()).await;
    let write = |path: &str, values: Vec<ValueId>, dead: Vec<ValueId>| {
        let values = values.into_iter().map(value).collect();
        Record::Transition(Transition { frame: Some(FrameRow { values, dead, ..row(path) }), ..step(run, 1) }.into())
    };
    let large = ValueId::MAX;
    all(store, vec![write("content", vec![1, large], vec![]), write("content/a#0/b#0", vec![2], vec![])]).await;
    let values = store.values(run).await.unwrap();
    assert_eq!(values.len(), 3);
    assert!(values.contains(&(large, value(large).value)));
    all(store, vec![write("content", vec![3], vec![1])]).await;
    assert!(!value_ids(store, run).await.contains(&1));
    all(store, vec![leaves(run, 1, "content/a#0"), write("content", vec![], vec![large])]).await;
    assert_eq!(value_ids(store, run).await, [3]);
}

pub(super) async fn one_bad_record_does_not_disturb_its_neighbours(store: &dyn Store) {
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

pub(super) async fn events_are_read_from_a_number_on(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![note(run, 1, 3), note(run, 1, 2)]).await;
    for from in 0..8 {
        let numbers: Vec<_> = store.events(run, from).await.unwrap().into_iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (from..6).collect::<Vec<_>>());
    }
    assert_eq!(store.events(run, u64::MAX).await.unwrap(), []);
}

pub(super) async fn no_facts_take_no_number(store: &dyn Store) {
    let run = start(store, worker()).await;
    for _ in 0..2 {
        assert_eq!(one(store, note(run, 1, 0)).await.unwrap(), Committed::Written { first: 1 });
    }
    assert_eq!(one(store, note(run, 1, 1)).await.unwrap(), Committed::Written { first: 1 });
    assert_eq!(facts(store, run).await, ["run.started", "run.recovered"]);
}
