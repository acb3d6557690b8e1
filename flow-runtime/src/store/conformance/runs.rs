//! The life of a run as a whole.

use super::*;
use crate::store::RunFilter;

pub(super) async fn start_is_idempotent_by_key(store: &dyn Store) {
    let keyed = || NewRun { key: Some("order-17".to_owned()), ..new_run(worker()) };
    let (first, second) = (keyed(), keyed());
    let run = first.run;
    let answers = store.commit(vec![Record::Start(first.into()), Record::Start(second.into())]).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [Committed::Started { run, fresh: true }, Committed::Started { run, fresh: false }]);
    all(store, vec![completes(run, 1)]).await;
    assert_eq!(one(store, Record::Start(keyed().into())).await.unwrap(), Committed::Started { run, fresh: false });
    assert_eq!(store.runs(RunFilter::default()).await.unwrap().len(), 1);
}

pub(super) async fn a_key_of_another_run_conflicts(store: &dyn Store) {
    let keyed = || NewRun { key: Some("order-17".to_owned()), ..new_run(worker()) };
    let first = keyed();
    let id = first.run;
    all(store, vec![Record::Start(first.into())]).await;
    let other_input = NewRun { input: Encoded::of("another").unwrap(), ..keyed() };
    let other_workflow = NewRun { workflow: "another".to_owned(), ..keyed() };
    for other in [other_input, other_workflow] {
        let answer = one(store, Record::Start(other.into())).await;
        assert!(
            matches!(&answer, Err(Refused::KeyConflict { run, workflow }) if *run == id && workflow == "content"),
            "{answer:?}"
        );
    }
    let other_key = NewRun { key: Some("order-18".to_owned()), ..keyed() };
    all(store, vec![Record::Start(other_key.into()), Record::Start(new_run(worker()).into())]).await;
}

pub(super) async fn an_id_starts_once(store: &dyn Store) {
    let new = new_run(worker());
    all(store, vec![Record::Start(new.clone().into())]).await;
    let answer = one(store, Record::Start(new.into())).await;
    assert!(matches!(&answer, Err(Refused::Store(error)) if error.is_store() && error.to_string().contains("exists already")));
}

pub(super) async fn cancel_ends_and_fences(store: &dyn Store) {
    let run = start(store, worker()).await;
    let large = FrameRow { values: vec![value(1)], ..row("content") };
    let keeps = Record::Transition(Transition { frame: Some(large), ..step(run, 1) }.into());
    all(store, vec![keeps, opens(run, 1, "content/a#0"), opens(run, 1, "content/b#0"), resume(run, "content/a#0"), cancel(run)])
        .await;
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.epoch, row.changed), (RunStatus::Cancelled, 2, at(50)));
    assert_eq!(paths(store, run).await, [""; 0]);
    assert_eq!(value_ids(store, run).await, [0; 0]);
    assert_eq!(open_paths(store, run).await, [""; 0]);
    assert_eq!(answered_paths(store, run).await, [""; 0]);
    assert_eq!(facts(store, run).await, ["run.started", "run.resumed", "run.cancelled"]);
    for epoch in [1, 2] {
        assert_refused!(one(store, note(run, epoch, 1)).await, Refused::Fenced);
    }
    assert_refused!(one(store, cancel(run)).await, Refused::WrongStatus(RunStatus::Cancelled));
    let completed = start(store, worker()).await;
    all(store, vec![completes(completed, 1)]).await;
    assert_refused!(one(store, cancel(completed)).await, Refused::WrongStatus(RunStatus::Completed));
    let (parked, failed) = (start(store, worker()).await, start(store, worker()).await);
    all(store, vec![park(parked, 1, 0), fails(failed, 1), cancel(parked), cancel(failed)]).await;
    assert_eq!(run_row(store, failed).await.error, None);
}

pub(super) async fn retry_goes_on_where_it_failed(store: &dyn Store) {
    let (first, second) = (worker(), worker());
    let run = start(store, first).await;
    let retry = || Record::Retry { run, worker: second, now: at(60) };
    assert_refused!(one(store, retry()).await, Refused::WrongStatus(RunStatus::Running));
    all(store, vec![fails(run, 1)]).await;
    let claim = Claim { run, workflow: "content".to_owned(), epoch: 2, inbox_seq: 0 };
    assert_eq!(claimed(store, retry()).await, std::slice::from_ref(&claim));
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.error, row.changed), (RunStatus::Running, None, at(60)));
    assert_eq!(store.owned(second).await.unwrap(), [claim]);
    assert_refused!(one(store, note(run, 1, 1)).await, Refused::Fenced);
    all(store, vec![completes(run, 2)]).await;
    assert_eq!(facts(store, run).await, ["run.started", "run.retried"]);
    assert_refused!(one(store, retry()).await, Refused::WrongStatus(RunStatus::Completed));
}

pub(super) async fn failed_keeps_frames(store: &dyn Store) {
    let me = worker();
    let run = start(store, me).await;
    let large = FrameRow { values: vec![value(1)], ..row("content") };
    let transition = Transition { frame: Some(large), ..step(run, 1) };
    all(store, vec![Record::Transition(transition.into()), opens(run, 1, "content/a#0"), opens(run, 1, "content/b#0")]).await;
    all(store, vec![resume(run, "content/b#0"), fails(run, 1)]).await;
    let row = run_row(store, run).await;
    let error = row.error.unwrap();
    assert_eq!((row.status, error.to_string().as_str()), (RunStatus::Failed, "the printer is on fire"));
    assert_eq!(error.path(), Some("content/print#0"));
    assert_eq!(paths(store, run).await, ["content", "content/a#0", "content/b#0"]);
    assert_eq!(value_ids(store, run).await, [1]);
    assert_eq!(open_paths(store, run).await, ["content/a#0"]);
    assert_eq!(answered_paths(store, run).await, ["content/b#0"]);
    assert_eq!(store.owned(me).await.unwrap(), []);
}

pub(super) async fn completed_deletes_frames(store: &dyn Store) {
    let me = worker();
    let (run, other) = (start(store, me).await, start(store, me).await);
    let large = FrameRow { values: vec![value(1)], ..row("content") };
    let transition = Transition { frame: Some(large.clone()), ..step(run, 1) };
    all(store, vec![Record::Transition(transition.into()), opens(run, 1, "content/a#0"), opens(other, 1, "content/a#0")]).await;
    let end = Some(End::Completed(Encoded::of("the output").unwrap()));
    let last = Transition { frame: Some(large), end, facts: vec![Fact::RunCompleted], ..step(run, 1) };
    all(store, vec![Record::Transition(last.into())]).await;
    let row = run_row(store, run).await;
    assert_eq!((row.status, row.output.unwrap().decode::<String>().unwrap().as_str()), (RunStatus::Completed, "the output"));
    assert_eq!(paths(store, run).await, [""; 0]);
    assert_eq!(value_ids(store, run).await, [0; 0]);
    assert_eq!(open_paths(store, run).await, [""; 0]);
    assert_eq!(facts(store, run).await, ["run.started", "run.completed"]);
    assert_eq!(store.owned(me).await.unwrap().len(), 1);
    assert_eq!(open_paths(store, other).await, ["content/a#0"], "another run is left alone");
}

pub(super) async fn an_unknown_run_is_refused(store: &dyn Store) {
    let run = RunId::new();
    let retry = Record::Retry { run, worker: worker(), now: at(0) };
    let records =
        [opens(run, 1, "a#0"), note(run, 1, 0), park(run, 1, 0), resume(run, "a#0"), cancel(run), retry, claim(run, worker(), 0)];
    for record in records {
        assert_refused!(one(store, record).await, Refused::UnknownRun);
    }
    assert!(store.run(run).await.unwrap().is_none());
    assert_eq!(paths(store, run).await.len() + facts(store, run).await.len() + answered_paths(store, run).await.len(), 0);
}

pub(super) async fn runs_are_listed_newest_first(store: &dyn Store) {
    let mut runs = Vec::new();
    for (started, workflow) in [(2, "content"), (1, "content"), (3, "other")] {
        let new = NewRun { now: at(started), workflow: workflow.to_owned(), ..new_run(worker()) };
        runs.push(new.run);
        all(store, vec![Record::Start(new.into())]).await;
    }
    all(store, vec![park(runs[0], 1, 0)]).await;
    let list = async |filter| store.runs(filter).await.unwrap().into_iter().map(|row| row.run).collect::<Vec<_>>();
    assert_eq!(list(RunFilter::default()).await, [runs[2], runs[0], runs[1]]);
    assert_eq!(list(RunFilter { limit: 2, ..RunFilter::default() }).await, [runs[2], runs[0]]);
    let content = RunFilter { workflow: Some("content".to_owned()), ..RunFilter::default() };
    assert_eq!(list(content.clone()).await, [runs[0], runs[1]]);
    assert_eq!(list(RunFilter { status: Some(RunStatus::Running), ..content }).await, [runs[1]]);
    assert_eq!(list(RunFilter { status: Some(RunStatus::Failed), ..RunFilter::default() }).await, []);
}

pub(super) async fn a_run_is_read_as_it_was_written(store: &dyn Store) {
    let new = NewRun { key: Some("order-17".to_owned()), now: at(7), ..new_run(worker()) };
    all(store, vec![Record::Start(new.clone().into())]).await;
    let row = run_row(store, new.run).await;
    assert_eq!((row.run, row.workflow, row.fingerprint, row.key), (new.run, new.workflow, new.fingerprint, new.key));
    assert_eq!((row.status, row.epoch, row.inbox_seq), (RunStatus::Running, 1, 0));
    assert_eq!((row.input, row.output, row.error), (new.input, None, None));
    assert_eq!((row.started, row.changed), (at(7), at(7)));
    assert_eq!(store.frames(new.run).await.unwrap(), [("content".to_owned(), b"content".to_vec())]);
    assert_eq!(store.events(new.run, 0).await.unwrap()[0].time, at(7));
}
