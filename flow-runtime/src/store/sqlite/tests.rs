//! What is particular to files: opening, several processes, the plans of queries.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::run::Durability;
use crate::store::{FrameRow, KeptBack, NewRun, Opening, Transition, ValueWrite, WaitsFor};

fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flow.db");
    (folder, path)
}

fn start(worker: WorkerId) -> (RunId, Record) {
    let (run, workflow) = (RunId::new(), "content".to_owned());
    let frame = FrameRow {
        path: "content".to_owned(),
        place: "start".to_owned(),
        bytes: vec![1, 2, 3],
        values: vec![ValueWrite { id: 1, value: Encoded::of("large").unwrap() }],
        dead: vec![],
    };
    let (input, now) = (Encoded::of("input").unwrap(), SystemTime::now());
    (
        run,
        Record::Start(
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
            .into(),
        ),
    )
}

async fn one(store: &Sqlite, record: Record) -> Result<Committed, Refused> {
    store.commit(vec![record]).await.remove(0)
}

fn opens(run: RunId) -> Record {
    let opening = Opening {
        path: "content/review#0".to_owned(),
        node: "review".to_owned(),
        payload: json!({ "a": 1 }),
        schema: json!({}),
        waits_for: WaitsFor::Answer,
    };
    let (opens, facts, now) = (Some(opening), vec![], SystemTime::now());
    Record::Transition(
        Transition {
            run,
            epoch: 1,
            frame: None,
            left: None,
            opens,
            end: None,
            facts,
            now,
            again: false,
            kept_back: KeptBack::default(),
        }
        .into(),
    )
}

/// All that a file says of a run.
async fn content(store: &Sqlite, run: RunId) -> String {
    let (runs, frames) = (store.runs(RunFilter::default()).await.unwrap(), store.frames(run).await.unwrap());
    let (values, events) = (store.values(run).await.unwrap(), store.events(run, 0).await.unwrap());
    let (suspensions, inbox) = (store.suspensions(run).await.unwrap(), store.inbox(run).await.unwrap());
    format!("{runs:?} {frames:?} {values:?} {events:?} {suspensions:?} {inbox:?}")
}

#[tokio::test]
async fn reopening_keeps_all() {
    let (_folder, path) = file();
    let worker = Uuid::now_v7();
    let (run, record) = start(worker);
    let store = Sqlite::open(&path).unwrap();
    one(&store, record).await.unwrap();
    one(&store, opens(run)).await.unwrap();
    let before = content(&store, run).await;
    assert!(before.contains("content/review#0") && before.contains("large"), "{before}");
    drop(store);
    let store = Sqlite::options().synchronous(Synchronous::Normal).open(&path).unwrap();
    assert_eq!(content(&store, run).await, before);
    assert_eq!(store.owned(worker).await.unwrap().len(), 1);
    one(&store, Record::Cancel { run, now: SystemTime::now() }).await.unwrap();
}

#[test]
fn what_is_not_a_database_is_refused_and_left_alone() {
    let (folder, path) = file();
    for text in ["short".to_owned(), "a text, not a database".to_owned(), "a longer text ".repeat(10_000)] {
        fs::write(&path, &text).unwrap();
        for error in [Sqlite::open(&path).unwrap_err(), Sqlite::open_existing(&path).unwrap_err()] {
            assert!(error.is_store());
            let message = format!("`{}` is not a flow database: it is no SQLite file; name another file", path.display());
            assert_eq!(error.to_string(), message);
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let error = Sqlite::open(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("is not a flow database: it is a folder; name another file"), "{error}");
    let error = Sqlite::open(folder.path().join("missing/flow.db")).unwrap_err().to_string();
    assert!(error.starts_with("cannot open the database `"), "{error}");
    let error = Sqlite::open(":memory:").unwrap_err().to_string();
    assert_eq!(error, "`:memory:` names no file; for runs in memory use the store `Memory`");
}

#[test]
fn a_database_of_another_program_is_refused_and_left_alone() {
    let (_folder, path) = file();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE songs (title TEXT)").unwrap();
    let before = fs::read(&path).unwrap();
    for error in [Sqlite::open(&path).unwrap_err(), Sqlite::open_existing(&path).unwrap_err()] {
        assert!(error.to_string().contains("is not a flow database: it belongs to another program"), "{error}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_schema_is_refused_by_name() {
    let (_folder, path) = file();
    drop(Sqlite::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let message = format!("the schema of `{}` is version 99, this program knows only 7; update the program", path.display());
    assert_eq!(Sqlite::open(&path).unwrap_err().to_string(), message);
    assert_eq!(Sqlite::open_existing(&path).unwrap_err().to_string(), message);
}

#[tokio::test]
async fn a_file_of_the_first_version_is_brought_up_to_date_with_its_runs() {
    let (folder, path) = file();
    let (run, record) = start(Uuid::now_v7());
    let store = Sqlite::open(&path).unwrap();
    one(&store, record).await.unwrap();
    one(&store, opens(run)).await.unwrap();
    let old = folder.path().join("old.db");
    let first = Connection::open(&old).unwrap();
    first.execute_batch(include_str!("version_1.sql")).unwrap();
    first.execute("ATTACH ? AS new", [path.to_str()]).unwrap();
    let columns = "run, workflow, fingerprint, key, status, epoch, owner, seq, inbox_seq, error, started, changed";
    first.execute(&format!("INSERT INTO runs ({columns}) SELECT {columns} FROM new.runs"), []).unwrap();
    for table in ["bodies", "frames", "vals", "events", "inbox", "workers"] {
        first.execute(&format!("INSERT INTO {table} SELECT * FROM new.{table}"), []).unwrap();
    }
    let columns = "run, path, node, payload, schema, state, since";
    first.execute(&format!("INSERT INTO suspensions ({columns}) SELECT {columns} FROM new.suspensions"), []).unwrap();
    first.execute_batch("PRAGMA application_id = 0x666c6f77; PRAGMA user_version = 1").unwrap();
    drop(first);

    let error = Sqlite::open_existing(&old).unwrap_err().to_string();
    assert!(error.ends_with("is version 1, this program reads 7; open it for writing once to bring it up to date"), "{error}");
    let migrated = Sqlite::open(&old).unwrap();
    assert_eq!(content(&migrated, run).await, content(&store, run).await);
    let now = SystemTime::now();
    one(&migrated, Record::Signal { run, name: "n".to_owned(), payload: json!(1), request: None, now }).await.unwrap();
    let resume = Record::Resume { run, path: "content/review#0".to_owned(), payload: json!(1), request: None, now };
    one(&migrated, resume).await.unwrap();
    assert_eq!(migrated.inbox(run).await.unwrap().len(), 1);
    assert!(Sqlite::open_existing(&old).is_ok());
}

#[tokio::test]
async fn looking_writes_nothing() {
    let (folder, path) = file();
    let error = Sqlite::open_existing(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("no database at `{}`", path.display()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let worker = Uuid::now_v7();
    let (run, record) = start(worker);
    let store = Sqlite::open(&path).unwrap();
    one(&store, record).await.unwrap();
    let files = || ["", "-wal"].map(|end| fs::read(format!("{}{end}", path.display())).ok());
    let before = files();
    let looking = Sqlite::open_existing(&path).unwrap();
    assert_eq!(content(&looking, run).await, content(&store, run).await);
    assert_eq!(looking.owned(worker).await.unwrap()[0].epoch, 1);
    let answer = one(&looking, Record::Cancel { run, now: SystemTime::now() }).await;
    assert!(matches!(&answer, Err(Refused::Store(error)) if error.to_string().contains("for looking only")), "{answer:?}");
    drop(looking);
    assert_eq!(files(), before);
    one(&store, opens(run)).await.unwrap();
}

#[tokio::test]
async fn looking_sees_a_file_that_nobody_has_open() {
    let (_folder, path) = file();
    let (run, record) = start(Uuid::now_v7());
    let store = Sqlite::open(&path).unwrap();
    one(&store, record).await.unwrap();
    drop(store);
    // The thread that writes closes its connection on its own time.
    let wal = PathBuf::from(format!("{}-wal", path.display()));
    for _ in 0..10_000 {
        if !wal.exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!wal.exists(), "the last handle tidies up");
    let before = fs::read(&path).unwrap();
    let looking = Sqlite::open_existing(&path).unwrap();
    assert!(looking.run(run).await.unwrap().is_some());
    drop(looking);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_handles_race_for_a_claim_and_one_wins() {
    let (_folder, path) = file();
    let (first, second) = (Sqlite::open(&path).unwrap(), Sqlite::open(&path).unwrap());
    let gone = Uuid::now_v7();
    for round in 0..50 {
        let (run, record) = start(gone);
        one(&first, record).await.unwrap();
        let race = [&first, &second].map(|store| {
            let (store, worker, now) = (store.clone(), Uuid::now_v7(), SystemTime::now());
            tokio::spawn(async move {
                let lease = Record::Lease { worker, until: now + Duration::from_secs(60) };
                let mut answers = store.commit(vec![lease, Record::Claim { run, worker, now }]).await;
                answers.remove(1)
            })
        });
        let mut answers = Vec::new();
        for racer in race {
            answers.push(racer.await.unwrap());
        }
        let won =
            answers.iter().filter(|answer| matches!(answer, Ok(Committed::Claimed(claims)) if claims[0].epoch == 2)).count();
        let lost = answers.iter().filter(|answer| matches!(answer, Err(Refused::Busy { .. }))).count();
        assert_eq!((won, lost), (1, 1), "round {round}: {answers:?}");
    }
}

#[test]
fn many_may_create_a_file_at_the_same_moment() {
    for _ in 0..10 {
        let (_folder, path) = file();
        let handles: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || Sqlite::open(path).map(drop))
            })
            .collect();
        for handle in handles {
            handle.join().unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_reader_does_not_block_the_writer() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).unwrap();
    let reader = schema::open_for_reading(&path).unwrap();
    let transaction = reader.unchecked_transaction().unwrap();
    let count = || transaction.query_row("SELECT count(*) FROM runs", [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(count(), 0);
    one(&store, start(Uuid::now_v7()).1).await.unwrap();
    assert_eq!(count(), 0, "it goes on seeing what was there when it began");
}

#[tokio::test]
async fn closed_suspensions_keep_no_payload() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).unwrap();
    let (run, record) = start(Uuid::now_v7());
    let resume =
        Record::Resume { run, path: "content/review#0".to_owned(), payload: json!(1), request: None, now: SystemTime::now() };
    for record in [record, opens(run), resume] {
        one(&store, record).await.unwrap();
    }
    let kept = store
        .0
        .reader
        .lock()
        .await
        .query_row("SELECT state, payload, schema FROM suspensions", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let kept: (String, Option<String>, Option<String>) = kept.unwrap();
    assert_eq!(kept, ("answered".to_owned(), None, None));
}

/// Ten thousand arms or a million parked runs: a query that reads them all to find one is a bug.
#[tokio::test]
async fn queries_read_only_what_they_need() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).unwrap();
    let reader = store.0.reader.lock().await;
    let plan = |sql: &str| {
        let mut statement = reader.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let parameters = vec![rusqlite::types::Null; statement.parameter_count()];
        let rows = statement.query_map(rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3)).unwrap();
        rows.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("\n")
    };
    let free = plan(runs::FREE);
    assert!(free.contains("SEARCH runs USING INDEX runs_status (status=?)"), "{free}");
    assert!(!free.contains("TEMP B-TREE"), "{free}");
    let over = plan(prune::OVER);
    assert!(over.contains("INDEX runs_over (changed<?)") && !over.contains("TEMP B-TREE"), "{over}");
    for sql in transition::LEAVE {
        let leave = plan(sql);
        let by_range = leave.contains("(run=? AND path>? AND path<?)");
        assert!(by_range || sql.starts_with("UPDATE suspensions"), "{leave}");
        assert!(leave.contains("run=?"), "{leave}");
    }
}

#[tokio::test]
async fn commits_are_flushed_unless_told_otherwise() {
    let (_folder, path) = file();
    for (synchronous, expected) in [(Synchronous::default(), 2), (Synchronous::Normal, 1)] {
        let connection = schema::open_or_create(&path, synchronous).unwrap();
        let level: u32 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!((level, journal.as_str()), (expected, "wal"));
    }
}

#[tokio::test]
async fn a_record_that_fails_half_way_is_undone() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).unwrap();
    let (run, record) = start(Uuid::now_v7());
    one(&store, record).await.unwrap();
    Connection::open(&path).unwrap().execute_batch("DROP TABLE vals").unwrap();
    let answers = store.commit(vec![Record::Cancel { run, now: SystemTime::now() }, opens(run)]).await;
    assert!(
        matches!(&answers[0], Err(Refused::Store(error)) if error.to_string().contains("no such table: vals")),
        "{answers:?}"
    );
    assert!(matches!(answers[1], Ok(Committed::Written { .. })), "its neighbour is written: {answers:?}");
    assert_eq!(store.run(run).await.unwrap().unwrap().epoch, 1);
    assert_eq!(store.frames(run).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_full_disk_refuses_and_leaves_whole_records() {
    let (_folder, path) = file();
    let store = Sqlite::open(&path).unwrap();
    let connection = schema::open_or_create(&path, Synchronous::Full).unwrap();
    connection.query_row("PRAGMA max_page_count = 40", [], |_| Ok(())).unwrap();
    let writer = Writer::spawn(path, connection).unwrap();
    let worker = Uuid::now_v7();
    let mut accepted = 0;
    for _ in 0..4 {
        let batch: Vec<_> = (0..40).map(|_| start(worker).1).collect();
        accepted += writer.commit(batch).await.map_or(0, |answers| answers.iter().filter(|answer| answer.is_ok()).count());
    }
    let runs = store.runs(RunFilter::default()).await.unwrap();
    assert_eq!(runs.len(), accepted);
    assert!((1..160).contains(&accepted), "{accepted}");
    for row in runs {
        assert_eq!(store.frames(row.run).await.unwrap().len(), 1);
        assert_eq!(store.events(row.run, 0).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_locked_file_refuses_the_batch_and_the_next_is_written() {
    let (_folder, path) = file();
    let connection = schema::open_or_create(&path, Synchronous::Full).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    let writer = Writer::spawn(path.clone(), connection).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (_, record) = start(Uuid::now_v7());
    let error = writer.commit(vec![record.clone()]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot write `{}`: database is locked; another process keeps it locked, try again", path.display())
    );
    other.execute_batch("ROLLBACK").unwrap();
    writer.commit(vec![record]).await.unwrap().remove(0).unwrap();
}
