//! The thread that writes: a batch is a transaction, a record a savepoint in it.

use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::{failure, prune, runs, signals, transition};
use crate::error::Error;
use crate::store::refuse::store_error;
use crate::store::{Committed, Record, Refused};

type Answers = Vec<Result<Committed, Refused>>;

/// Why a record was not applied.
pub(super) enum Stop {
    Refused(Refused),
    Sql(rusqlite::Error),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// The way to the thread, which ends with its last batch once this is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    path: PathBuf,
    batches: mpsc::Sender<Batch>,
}

struct Batch {
    records: Vec<Record>,
    answers: oneshot::Sender<rusqlite::Result<Vec<Result<Committed, Stop>>>>,
}

impl Writer {
    pub(super) fn spawn(path: PathBuf, mut connection: Connection) -> Result<Self, Error> {
        let (batches, queue) = mpsc::channel::<Batch>();
        let work = move || {
            for batch in queue {
                // The caller may be gone: what it asked for is written all the same.
                let _ = batch.answers.send(commit(&mut connection, batch.records));
            }
        };
        let thread = thread::Builder::new().name("flow-sqlite".to_owned()).spawn(work);
        thread.map_err(|error| store_error(format!("cannot begin a thread to write `{}`", path.display())).caused_by(&error))?;
        Ok(Self { path, batches })
    }

    /// Applies a batch. An error means that none of it was applied.
    pub(super) async fn commit(&self, records: Vec<Record>) -> Result<Answers, Error> {
        let (answers, reply) = oneshot::channel();
        let stopped = || store_error(format!("the writer of `{}` has stopped; open the store again", self.path.display()));
        self.batches.send(Batch { records, answers }).map_err(|_| stopped())?;
        let answers = reply.await.map_err(|_| stopped())?.map_err(|error| self.failed(&error))?;
        Ok(answers.into_iter().map(|answer| answer.map_err(|stop| self.refused(stop))).collect())
    }

    fn refused(&self, stop: Stop) -> Refused {
        match stop {
            Stop::Refused(refused) => refused,
            Stop::Sql(error) => Refused::Store(self.failed(&error)),
        }
    }

    fn failed(&self, error: &rusqlite::Error) -> Error {
        failure("write", &self.path, error)
    }
}

fn commit(connection: &mut Connection, records: Vec<Record>) -> rusqlite::Result<Vec<Result<Committed, Stop>>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let answers = records.into_iter().map(|record| in_savepoint(&transaction, record)).collect::<rusqlite::Result<_>>()?;
    transaction.commit()?;
    Ok(answers)
}

/// Applies one record whole or not at all. An error means that the transaction is lost, and its neighbours with it.
fn in_savepoint(connection: &Connection, record: Record) -> rusqlite::Result<Result<Committed, Stop>> {
    connection.prepare_cached("SAVEPOINT record")?.execute([])?;
    let answer = apply(connection, record);
    if answer.is_err() {
        // A full disk, for one, makes SQLite roll back everything by itself.
        match answer {
            Err(Stop::Sql(error)) if connection.is_autocommit() => return Err(error),
            _ => connection.prepare_cached("ROLLBACK TO record")?.execute([])?,
        };
    }
    connection.prepare_cached("RELEASE record")?.execute([])?;
    Ok(answer)
}

fn apply(connection: &Connection, record: Record) -> Result<Committed, Stop> {
    match record {
        Record::Lease { worker, until } => runs::lease(connection, worker, until),
        Record::Release { worker } => runs::release(connection, worker),
        Record::Start(new) => runs::start(connection, *new),
        Record::Claim { run, worker, now } => runs::claim(connection, run, worker, now),
        Record::ClaimAny { worker, workflows, recoveries, now, limit } => {
            runs::claim_any(connection, worker, &workflows, &recoveries, now, limit)
        }
        Record::Transition(transition) => transition::transition(connection, *transition),
        Record::Note { run, epoch, facts, now } => transition::note(connection, run, epoch, &facts, now),
        Record::Park { run, epoch, inbox_seq, now } => runs::park(connection, run, epoch, inbox_seq, now),
        Record::Resume { run, path, payload, request, now } => runs::resume(connection, run, path, &payload, request, now),
        Record::Fire { run, path, now } => runs::fire(connection, run, path, now),
        Record::Signal { run, name, payload, request, now } => signals::send(connection, run, &name, &payload, request, now),
        Record::Cancel { run, now } => runs::cancel(connection, run, now),
        Record::Retry { run, worker, now } => runs::retry(connection, run, worker, now),
        Record::Prune { before, failed, limit } => prune::prune(connection, before, failed, limit),
    }
}
