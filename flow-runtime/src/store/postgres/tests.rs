//! What is particular to a server: opening, several processes, lost connections, the plans of statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Instant, SystemTime};

use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::query::{Query, all, one};
use super::*;
use crate::event::Fact;
use crate::run::{Durability, RunStatus};
use crate::store::{End, FrameRow, KeptBack, NewRun, Opening, Transition, ValueWrite, WaitsFor};
use crate::testing::PostgresServer;

fn new_run() -> NewRun {
    let (run, workflow) = (RunId::new(), "content".to_owned());
    let values = vec![ValueWrite { id: 1, value: Encoded::of("large").unwrap() }];
    let frame = FrameRow { path: "content".to_owned(), place: "start".to_owned(), bytes: vec![1, 2, 3], values, dead: vec![] };
    let (input, worker, now) = (Encoded::of("input").unwrap(), Uuid::now_v7(), SystemTime::now());
    NewRun {
        run,
        workflow,
        fingerprint: 7,
        key: None,
        input,
        durability: Durability::Transition,
        checkpoints: false,
        forked: None,
        frame,
        worker,
        now,
    }
}

fn note(run: RunId) -> Record {
    Record::Note { run, epoch: 1, facts: vec![Fact::RunRecovered], now: SystemTime::now() }
}

async fn commit(store: &Postgres, record: Record) -> Result<Committed, Refused> {
    store.commit(vec![record]).await.remove(0)
}

async fn start(store: &Postgres) -> RunId {
    let new = new_run();
    let run = new.run;
    commit(store, Record::Start(new.into())).await.unwrap();
    run
}

async fn client(store: &Postgres) -> Client {
    store.0.readers.get().await.unwrap()
}

fn schema() -> String {
    format!("test_{}", Uuid::now_v7().simple())
}

#[tokio::test]
async fn another_process_sees_what_was_written() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = schema();
    let first = Postgres::options().schema(&schema).connect(&server.url()).await.unwrap();
    let run = start(&first).await;
    drop(first);
    let second = Postgres::options().schema(&schema).connect(&server.url()).await.unwrap();
    assert_eq!(second.run(run).await.unwrap().unwrap().run, run);
    assert_eq!(second.frames(run).await.unwrap(), [("content".to_owned(), vec![1, 2, 3])]);
}

#[tokio::test]
async fn a_newer_schema_is_refused_by_name() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = schema();
    let store = Postgres::options().schema(&schema).connect(&server.url()).await.unwrap();
    client(&store).await.batch_execute("UPDATE flow_schema SET version = 99").await.unwrap();
    let error = Postgres::options().schema(&schema).connect(&server.url()).await.unwrap_err().to_string();
    assert_eq!(error, format!("the schema `{schema}` is version 99, this program knows only 1; update the program"));
}

#[tokio::test]
async fn what_is_not_ours_is_refused_and_left_alone() {
    let Some(server) = PostgresServer::shared() else { return };
    let (schema, store) = (schema(), server.store().await.unwrap());
    let sql = format!("CREATE SCHEMA {schema}; CREATE TABLE {schema}.invoices (id integer)");
    client(&store).await.batch_execute(&sql).await.unwrap();
    let error = Postgres::options().schema(&schema).connect(&server.url()).await.unwrap_err().to_string();
    assert!(error.contains(&schema) && error.contains("belongs to another program"), "{error}");
    let rows = one(&client(&store).await, Query::new("SELECT 1 FROM pg_tables WHERE schemaname = $1").with(schema)).await;
    assert_eq!(rows.unwrap().len(), 1);
}

#[tokio::test]
async fn messages_say_what_is_wrong_and_keep_the_password() {
    let error = Postgres::options().schema("a; DROP").connect("postgres://x").await.unwrap_err().to_string();
    assert!(error.contains("`a; DROP` cannot name a schema"), "{error}");
    let nobody = "host=/nowhere user=me password=secret dbname=app";
    let error = Postgres::connect(nobody).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot open the schema `flow` of the database `app`: error connecting to server: No such file or directory (os error 2)"
    );
    let error = format!("{:?}", Postgres::connect("postgres://me:secret@[").await.unwrap_err());
    assert!(error.contains("cannot read the database URL") && !error.contains("secret"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_schema_at_the_same_moment() {
    let Some(server) = PostgresServer::shared() else { return };
    let schema = schema();
    let open = (0..8).map(|_| tokio::spawn(Postgres::options().schema(&schema).connections(2).connect(leaked(server.url()))));
    let stores: Vec<_> = join_all(open).await.into_iter().map(|store| store.unwrap().unwrap()).collect();
    let run = start(&stores[0]).await;
    assert!(stores[7].run(run).await.unwrap().is_some());
}

fn leaked(url: String) -> &'static str {
    Box::leak(url.into_boxed_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_of_one_key_at_the_same_moment_make_one_run() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    for round in 0..20 {
        let starts = (0..6).map(|_| {
            let (store, new) = (store.clone(), NewRun { key: Some(format!("key {round}")), ..new_run() });
            tokio::spawn(async move { commit(&store, Record::Start(new.into())).await })
        });
        let answers: Vec<_> = join_all(starts).await.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
        let fresh = answers.iter().filter(|answer| matches!(answer, Committed::Started { fresh: true, .. })).count();
        assert_eq!((fresh, store.runs(RunFilter::default()).await.unwrap().len()), (1, round + 1), "{answers:?}");
    }
}

/// Batches that name the same runs in different orders, so that they stand in each other's way.
#[tokio::test(flavor = "multi_thread")]
async fn batches_that_overlap_all_succeed() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    let mut runs = Vec::new();
    for _ in 0..6 {
        runs.push(start(&store).await);
    }
    let writers = (0..6).map(|writer| {
        let (store, mut runs) = (store.clone(), runs.clone());
        runs.rotate_left(writer);
        tokio::spawn(async move {
            for _ in 0..30 {
                let batch = runs.iter().flat_map(|run| [note(*run), note(*run)]).collect();
                store.commit(batch).await.into_iter().for_each(|answer| _ = answer.unwrap());
            }
        })
    });
    join_all(writers).await.into_iter().for_each(|writer| writer.unwrap());
    for run in runs {
        let events = store.events(run, 0).await.unwrap();
        assert!(events.iter().map(|event| event.seq).eq(0..1 + 6 * 30 * 2));
    }
}

/// A transition without events, so that nothing but the lock keeps it from writing what it judged before the cancel.
#[tokio::test(flavor = "multi_thread")]
async fn a_transition_at_the_same_moment_does_not_undo_a_cancel() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    for _ in 0..60 {
        let run = start(&store).await;
        let (frame, now) = (Some(new_run().frame), SystemTime::now());
        let moves = Transition {
            run,
            epoch: 1,
            frame,
            left: None,
            opens: None,
            end: None,
            facts: vec![],
            now,
            again: false,
            kept_back: KeptBack::default(),
        };
        let writers = [Record::Transition(moves.into()), Record::Cancel { run, now }].map(|record| {
            let store = store.clone();
            tokio::spawn(async move { commit(&store, record).await })
        });
        let answers = join_all(writers).await;
        answers.into_iter().last().unwrap().unwrap().unwrap();
        let row = store.run(run).await.unwrap().unwrap();
        assert_eq!((row.status, row.epoch), (RunStatus::Cancelled, 2));
        assert_eq!(store.frames(run).await.unwrap(), []);
    }
}

/// The candidates of a claim are read before they are locked: what another process took meanwhile must not be taken again.
#[tokio::test(flavor = "multi_thread")]
async fn claims_at_the_same_moment_share_the_runs() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    let starts = (0..200).map(|_| Record::Start(new_run().into())).collect();
    store.commit(starts).await.into_iter().for_each(|answer| _ = answer.unwrap());
    let claimers = (0..6).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let (worker, now) = (Uuid::now_v7(), SystemTime::now());
            commit(&store, Record::Lease { worker, until: now + Duration::from_secs(60) }).await.unwrap();
            let mut claims = Vec::new();
            for _ in 0..40 {
                let any = Record::ClaimAny { worker, workflows: vec!["content".to_owned()], recoveries: 0..9, now, limit: 10 };
                let Committed::Claimed(more) = commit(&store, any).await.unwrap() else { panic!("no claims") };
                claims.extend(more);
            }
            claims
        })
    });
    let claims: Vec<_> = join_all(claimers).await.into_iter().flat_map(|claims| claims.unwrap()).collect();
    assert_eq!(claims.len(), 200);
    assert!(claims.iter().all(|claim| claim.epoch == 2), "a run was taken twice");
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_alone() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    let run = start(&store).await;
    let bad = NewRun { key: Some("a\0b".to_owned()), ..new_run() };
    let id = bad.run;
    let answers = store.commit(vec![note(run), Record::Start(bad.into()), note(run)]).await;
    assert!(matches!(
        answers[..],
        [Ok(Committed::Written { first: 1 }), Err(Refused::Store(_)), Ok(Committed::Written { first: 2 })]
    ));
    assert!(store.run(id).await.unwrap().is_none());
}

/// What was answered with an error did not happen, and what happened was answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_leaves_no_doubt() {
    if PostgresServer::shared().is_none() {
        return;
    }
    let server = Arc::new(PostgresServer::start().unwrap());
    let store = server.store().await.unwrap();
    let run = start(&store).await;
    let over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|_| {
            let (store, over) = (store.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let (mut written, mut refused) = (0, 0);
                while !over.load(Ordering::SeqCst) {
                    match commit(&store, note(run)).await {
                        Ok(_) => written += 1,
                        Err(_) => refused += 1,
                    }
                }
                (written, refused)
            })
        })
        .collect();
    for round in 0..6 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let server = Arc::clone(&server);
        let again = move || if round % 2 == 0 { server.crash() } else { server.restart() };
        tokio::task::spawn_blocking(again).await.unwrap().unwrap();
    }
    over.store(true, Ordering::SeqCst);
    let (written, refused) = join_all(writers).await.into_iter().fold((0, 0), |(written, refused), writer| {
        let (more, less) = writer.unwrap();
        (written + more, refused + less)
    });
    assert_eq!(store.events(run, 0).await.unwrap().len(), 1 + written, "{refused} were refused");
    assert!(written > 50, "{written} were written, {refused} refused");
}

/// A process that is frozen in the middle of a transaction holds its runs until the server ends its session.
#[tokio::test]
async fn a_frozen_process_does_not_hold_the_others_up() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    let run = start(&store).await;
    let frozen = client(&store).await;
    frozen.batch_execute("BEGIN; UPDATE runs SET epoch = 9").await.unwrap();
    let begin = Instant::now();
    assert_eq!(commit(&store, note(run)).await.unwrap(), Committed::Written { first: 1 });
    assert!((4..9).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    assert!(frozen.batch_execute("COMMIT").await.is_err());
}

/// Whatever is read meanwhile, and by however many.
#[tokio::test]
async fn readers_do_not_hold_a_writer_up() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    let run = start(&store).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(client(&store).await);
    }
    assert!(store.run(run).now_or_never().is_none(), "no connection is left to read with");
    assert!(commit(&store, note(run)).await.is_ok());
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_is_written() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    let run = start(&store).await;
    for _ in 0..50 {
        // Polled once, which sends it on its way, and dropped.
        let _ = store.commit(vec![note(run)]).now_or_never();
    }
    let begin = Instant::now();
    while store.events(run, 0).await.unwrap().len() < 51 {
        assert!(begin.elapsed() < Duration::from_secs(10), "some were not written");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// However young the tables are: a plan is made once and kept.
#[tokio::test]
async fn statements_look_rows_up_by_an_index() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = server.store().await.unwrap();
    let (one, two) = (start(&store).await, start(&store).await);
    let (now, name) = (SystemTime::now(), "n".to_owned());
    let opens = |run, path: &str, waits_for| {
        let (node, payload, schema) = ("review".to_owned(), json!(1), json!(true));
        let opens = Some(Opening { path: path.to_owned(), node, payload, schema, waits_for });
        Transition {
            run,
            epoch: 1,
            frame: None,
            left: Some("content/a#0".to_owned()),
            opens,
            end: None,
            facts: vec![],
            now,
            again: false,
            kept_back: KeptBack::default(),
        }
    };
    let frame = new_run().frame;
    let frame = FrameRow { dead: vec![2], ..frame };
    let records = vec![
        Record::Start(NewRun { key: Some("k".to_owned()), ..new_run() }.into()),
        Record::Claim { run: one, worker: Uuid::now_v7(), now },
        Record::Transition(
            Transition { frame: Some(frame), facts: vec![Fact::RunRecovered], ..opens(two, "x", WaitsFor::Answer) }.into(),
        ),
        Record::Resume { run: two, path: "x".to_owned(), payload: json!(2), request: Some("r".to_owned()), now },
        Record::Signal { run: two, name: name.clone(), payload: json!(3), request: Some("s".to_owned()), now },
        Record::Transition(opens(two, "y", WaitsFor::Signal { name }).into()),
        Record::Transition(Transition { end: Some(End::Completed(new_run().input)), ..opens(two, "z", WaitsFor::Answer) }.into()),
    ];
    let mut group = group::Group::default();
    let client = client(&store).await;
    let mut queries = Vec::new();
    for (query, read) in load::queries(&records, &[]) {
        let rows = all(&client, std::slice::from_ref(&query)).await.unwrap().remove(0);
        rows.iter().for_each(|row| read(&mut group, row).unwrap());
        queries.push(query);
    }
    records.into_iter().for_each(|record| _ = group.apply(record).unwrap());
    queries.extend(group.writes().unwrap());
    let any = Record::ClaimAny { worker: Uuid::now_v7(), workflows: vec!["content".to_owned()], recoveries: 0..9, now, limit: 1 };
    queries.extend(load::look(&any));
    queries.extend(load::look(&Record::Prune { before: now, failed: true, limit: 9 }));
    assert!(queries.len() > 14, "{} statements", queries.len());
    for query in queries {
        let plan = query::one(&client, query.explained()).await.unwrap();
        let plan: Vec<&str> = plan.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        // There are as many workers as processes.
        let plan = plan.replace("Seq Scan on workers", "");
        assert!(!plan.contains("Seq Scan on") && !plan.contains("Hash Join") && !plan.contains("JIT"), "{plan}");
    }
}
