//! Runs in a SQLite file, which several processes may use at once.
//!
//! One thread writes, on a connection of its own: a batch is a transaction, a record a savepoint in it. Reads go
//! through a second connection that can only read; the file is in WAL mode, so neither waits for the other.
//!
//! # Durability
//! By default every commit is flushed to the disk before it is answered. [`Synchronous::Normal`] leaves the flush to
//! the operating system.

mod checkpoints;
mod columns;
mod prune;
mod read;
mod runs;
mod schema;
mod signals;
#[cfg(test)]
mod tests;
mod transition;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::Mutex;

use self::writer::Writer;
use super::refuse::store_error;
use super::{
    Claim, Committed, FrameBytes, History, InboxRow, Record, Refused, RunFilter, RunRow, Store, SuspensionRow, TimerRow, ValueId,
    WorkerId,
};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;
use crate::store::Checkpoint;

/// A store in a SQLite file. Clones share its connections.
///
/// ```no_run
/// use flow_runtime::store::Sqlite;
///
/// let store = Sqlite::open("flow.db")?;
/// # Ok::<(), flow_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sqlite(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    /// Before the writer: the last connection that may write tidies up when it closes, if it is the last of all.
    reader: Arc<Mutex<Connection>>,
    /// None where the file was opened for looking.
    writer: Option<Writer>,
}

/// How a [`Sqlite`] store is opened.
#[derive(Clone, Debug, Default)]
#[must_use = "options do nothing until `open` is called"]
pub struct SqliteOptions {
    synchronous: Synchronous,
}

/// When a commit is flushed to the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Before it is answered. What was answered survives a power failure.
    #[default]
    Full,
    /// When the operating system sees fit: faster, above all for few runs at a time. A process that is killed loses
    /// nothing; a power failure may undo the last commits, though it never damages the file.
    Normal,
}

impl SqliteOptions {
    /// Sets when a commit is flushed to the disk.
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Opens a file, and creates it if there is none.
    ///
    /// # Errors
    /// When the file cannot be opened or created, is no flow database, or was written by a newer version.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Sqlite, Error> {
        let path = path.as_ref();
        let connection = schema::open_or_create(path, self.synchronous)?;
        let reader = schema::open_for_reading(path)?;
        let writer = Writer::spawn(path.to_owned(), connection)?;
        Ok(Sqlite::new(path, Some(writer), reader))
    }
}

impl Sqlite {
    /// Opens a file, and creates it if there is none.
    ///
    /// # Errors
    /// When the file cannot be opened or created, is no flow database, or was written by a newer version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::options().open(path)
    }

    /// How to open a file.
    pub fn options() -> SqliteOptions {
        SqliteOptions::default()
    }

    /// Opens a file for looking only: every commit is refused.
    ///
    /// # Errors
    /// When there is no such file, or it is no flow database, or of another version.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let reader = schema::open_for_reading(path)?;
        Ok(Self::new(path, None, reader))
    }

    fn new(path: &Path, writer: Option<Writer>, reader: Connection) -> Self {
        let reader = Arc::new(Mutex::new(reader));
        Self(Arc::new(Inner { path: path.to_owned(), reader, writer }))
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T, Error>> {
        async move {
            // Locked out here: readers then queue as tasks, and no more than one thread is ever blocked.
            let connection = Arc::clone(&self.0.reader).lock_owned().await;
            let path = &self.0.path;
            let result = tokio::task::spawn_blocking(move || read(&connection)).await;
            let result = result.map_err(|error| store_error(format!("cannot read `{}`", path.display())).caused_by(&error))?;
            result.map_err(|error| failure("read", path, &error))
        }
        .boxed()
    }
}

impl Store for Sqlite {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        async move {
            let records = batch.len();
            let answers = match &self.0.writer {
                Some(writer) => writer.commit(batch).await,
                None => {
                    let path = self.0.path.display();
                    Err(store_error(format!("`{path}` was opened for looking only; open it with `Sqlite::open` to change runs")))
                }
            };
            answers.unwrap_or_else(|error| vec![Err(Refused::Store(error)); records])
        }
        .boxed()
    }
}

impl History for Sqlite {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.read(move |connection| read::runs(connection, &filter))
    }

    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.read(move |connection| read::run(connection, run))
    }

    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        self.read(move |connection| read::frames(connection, run))
    }

    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.read(move |connection| read::values(connection, run))
    }

    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.read(move |connection| read::events(connection, run, from))
    }

    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.read(move |connection| read::suspensions(connection, run))
    }

    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.read(move |connection| read::timers(connection, limit))
    }

    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.read(move |connection| read::inbox(connection, run))
    }

    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.read(move |connection| read::checkpoints(connection, run))
    }

    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.read(move |connection| read::owned(connection, worker))
    }
}

fn failure(doing: &str, path: &Path, error: &rusqlite::Error) -> Error {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "; another process keeps it locked, try again",
        Some(ErrorCode::DiskFull) => "; make room on the disk",
        _ => "",
    };
    store_error(format!("cannot {doing} `{}`: {error}{advice}", path.display()))
}
