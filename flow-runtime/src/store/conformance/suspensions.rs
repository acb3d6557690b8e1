//! Parking, and answers.

use super::*;

const REVIEW: &str = "content/review#0";

pub(super) async fn park_moves_when_answered(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    all(store, vec![opens(run, 1, REVIEW), opens(run, 1, "content/other#0"), resume(run, REVIEW)]).await;
    assert_eq!(one(store, park(run, 1, 0)).await.unwrap(), Committed::Moved { inbox_seq: 1 });
    assert_eq!(status(store, run).await, RunStatus::Running);
    assert_eq!(store.owned(me).await.unwrap().len(), 1, "a run that was not parked stays with its worker");
    assert_eq!(one(store, park(run, 1, 1)).await.unwrap(), Committed::Done);
    assert_eq!(facts(store, run).await, ["run.started", "run.resumed", "run.suspended"]);
}

pub(super) async fn park_and_resume_change_the_status(store: &dyn Store) {
    let (me, other) = (worker(), worker());
    all(store, vec![lease(me, 1000)]).await;
    let run = start(store, me).await;
    all(store, vec![opens(run, 1, REVIEW), park(run, 1, 0)]).await;
    assert_eq!(status(store, run).await, RunStatus::Suspended);
    assert_refused!(one(store, park(run, 1, 0)).await, Refused::Fenced);
    all(store, vec![resume(run, REVIEW)]).await;
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.epoch, row.inbox_seq), (RunStatus::Running, 1, 1));
    assert_eq!(store.owned(me).await.unwrap(), [], "a run that was parked is nobody's");
    assert_eq!(claimed(store, claim(run, other, 1)).await[0].inbox_seq, 1);
}

pub(super) async fn resume_answers_once(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![opens(run, 1, REVIEW)]).await;
    let answers = store.commit(vec![resume(run, REVIEW), resume(run, REVIEW)]).await;
    assert!(matches!(answers[..], [Ok(Committed::Done), Err(Refused::AlreadyResumed)]), "{answers:?}");
    assert_eq!(run_row(store, run).await.inbox_seq, 1);
    let inbox = store.inbox(run).await.unwrap();
    assert_eq!((inbox[0].seq, &inbox[0].payload), (1, &json!({ "for": REVIEW })));
    assert_eq!(open_paths(store, run).await, [""; 0]);
    all(store, vec![leaves(run, 1, REVIEW)]).await;
    assert_eq!(answered_paths(store, run).await, [""; 0], "leaving the place consumes its answer");
    assert_refused!(one(store, resume(run, REVIEW)).await, Refused::AlreadyResumed);
    assert_eq!(facts(store, run).await, ["run.started", "run.resumed"]);
}

pub(super) async fn resume_of_next_visit_is_not_suspended(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![opens(run, 1, REVIEW), resume(run, REVIEW)]).await;
    assert_refused!(one(store, resume(run, "content/review#1")).await, Refused::NotSuspended);
    assert_refused!(one(store, resume(run, "content/review")).await, Refused::NotSuspended);
    all(store, vec![leaves(run, 1, REVIEW), opens(run, 1, "content/review#1")]).await;
    assert_refused!(one(store, resume(run, REVIEW)).await, Refused::AlreadyResumed);
    assert_eq!(answered_paths(store, run).await, [""; 0], "a second click never answers the next turn");
    all(store, vec![resume(run, "content/review#1")]).await;
    assert_eq!(run_row(store, run).await.inbox_seq, 2);
}

pub(super) async fn resume_of_a_failed_run_waits(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    all(store, vec![opens(run, 1, REVIEW), fails(run, 1), resume(run, REVIEW)]).await;
    assert_eq!(status(store, run).await, RunStatus::Failed);
    assert!(run_row(store, run).await.error.is_some());
    assert_eq!(claimed(store, Record::Retry { run, worker: me, now: at(60) }).await[0].inbox_seq, 1);
    assert_eq!(answered_paths(store, run).await, [REVIEW]);
}

pub(super) async fn resume_of_an_ended_run_says_why(store: &dyn Store) {
    let (completed, cancelled) = (start(store, worker()).await, start(store, worker()).await);
    for run in [completed, cancelled] {
        all(store, vec![opens(run, 1, REVIEW), opens(run, 1, "content/other#0"), resume(run, REVIEW)]).await;
    }
    all(store, vec![completes(completed, 1), cancel(cancelled)]).await;
    for run in [completed, cancelled] {
        assert_refused!(one(store, resume(run, REVIEW)).await, Refused::AlreadyResumed);
        assert_refused!(one(store, resume(run, "content/other#0")).await, Refused::Withdrawn);
        assert_refused!(one(store, resume(run, "content/never#0")).await, Refused::NotSuspended);
    }
}

pub(super) async fn two_arms_are_answered_independently(store: &dyn Store) {
    let run = start(store, worker()).await;
    let (a, b) = ("content/pages#0/1#0", "content/pages#0/10#0");
    all(store, vec![opens(run, 1, a), opens(run, 1, b), park(run, 1, 0), resume(run, b), resume(run, a)]).await;
    assert_eq!(answered_paths(store, run).await, [b, a], "answers stay in the order they came");
    all(store, vec![leaves(run, 1, b)]).await;
    assert_eq!(answered_paths(store, run).await, [a]);
}

pub(super) async fn a_visit_opens_once(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, vec![opens(run, 1, REVIEW)]).await;
    let again = Transition { left: Some("content".to_owned()), opens: Some(opening(REVIEW)), ..step(run, 1) };
    for record in [opens(run, 1, REVIEW), Record::Transition(again.into())] {
        let answer = one(store, record).await;
        assert!(matches!(&answer, Err(Refused::Store(error)) if error.to_string().contains("opened before")), "{answer:?}");
    }
    assert_eq!(paths(store, run).await, ["content", REVIEW], "a refused record changes nothing");
    assert_eq!(open_paths(store, run).await, [REVIEW]);
}

pub(super) async fn suspensions_are_listed_oldest_first(store: &dyn Store) {
    let run = start(store, worker()).await;
    all(store, ["content/b#0", "content/c#0", "content/a#0"].map(|path| opens(run, 1, path)).into()).await;
    let rows = store.suspensions(run).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.path.as_str()).collect::<Vec<_>>(), ["content/b#0", "content/c#0", "content/a#0"]);
    let row = &rows[0];
    assert_eq!(
        (row.node.as_str(), &row.payload, &row.schema, row.since),
        ("review", &json!({ "draft": row.path }), &json!(true), at(10))
    );
}
