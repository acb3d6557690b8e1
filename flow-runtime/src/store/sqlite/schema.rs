//! The file: how it is recognised, opened and brought up to date.
//!
//! Ids are text, times are milliseconds since 1970, and paths are places with their visits. `application_id` says that
//! the file is ours, `user_version` counts the migrations it has seen.
//!
//! | table | a row | lives |
//! |---|---|---|
//! | `runs` | a run: where it stands, who owns it. Small, since every transition writes it | until it is pruned |
//! | `bodies` | the input and the output of a run, apart so that a transition does not rewrite them | until it is pruned |
//! | `frames` | a machine: its place, and its small variables as bytes with a hash | until its place is left |
//! | `vals` | a large value, written once, with the path of the frame that wrote it | until nothing refers to it |
//! | `checkpoints` | a frame as it once was, or a place that was left, of a run that keeps them | until it is pruned |
//! | `events` | the facts of one record: `n` facts, the first has the number `first` | until it is pruned |
//! | `suspensions` | `open`, with what it shows; then only `answered` or `withdrawn`, to tell a late answer why | until it is pruned |
//! | `signals` | a signal, with the place it was given to | until that place is left |
//! | `requests` | a signal that named itself | until the run is pruned |
//! | `inbox` | an answer | until its place is left |
//! | `workers` | a process that drives runs, and until when it has its runs to itself | until it ends |
//!
//! What lies below a place has a path from `place/` up to, not including, `place0`, or, for the items of a place, from
//! `place[` on: in the index these lie in the one range from `place` up to `place\`.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{Synchronous, failure};
use crate::error::Error;
use crate::store::refuse::store_error;

/// `flow` in ASCII.
const APPLICATION_ID: i32 = 0x666c_6f77;

/// How long a connection waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);

/// More statements than this store has, so that none is prepared twice.
const STATEMENTS: usize = 64;

type Migration = fn(&Connection) -> rusqlite::Result<()>;

/// Each brings the schema from the version of its index to the next. Never change one that was released.
const MIGRATIONS: &[Migration] = &[version_1, version_2, version_3, version_4, version_5, version_6, version_7];

const NEWEST: u32 = MIGRATIONS.len() as u32;

fn version_1(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("version_1.sql"))
}

fn version_2(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("version_2.sql"))
}

fn version_3(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("version_3.sql"))
}

fn version_4(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("version_4.sql"))
}

fn version_5(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("version_5.sql"))
}

fn version_6(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("version_6.sql"))
}

fn version_7(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(include_str!("version_7.sql"))
}

/// Opens the file for writing, creates it if there is none, and brings it up to date.
pub(super) fn open_or_create(path: &Path, synchronous: Synchronous) -> Result<Connection, Error> {
    if matches!(path.to_str(), Some("" | ":memory:")) {
        return Err(store_error(format!("`{}` names no file; for runs in memory use the store `Memory`", path.display())));
    }
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    // Before anything is written, so that a file of another program stays as it is.
    let version = version(&connection).map_err(|error| explain(path, &error))?;
    refuse_unknown(path, version)?;
    set_up(&connection, synchronous).and_then(|()| migrate(&mut connection)).map_err(|error| explain(path, &error))?;
    Ok(connection)
}

/// Opens a file that must be there and up to date, for reading.
pub(super) fn open_for_reading(path: &Path) -> Result<Connection, Error> {
    if !path.exists() {
        return Err(store_error(format!("no database at `{}`", path.display())));
    }
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let version = version(&connection).map_err(|error| explain(path, &error))?;
    refuse_unknown(path, version)?;
    match version {
        Version::Ours(version) if version < NEWEST => {
            let message = format!("the schema of `{}` is version {version}, this program reads {NEWEST}", path.display());
            Err(store_error(format!("{message}; open it for writing once to bring it up to date")))
        }
        Version::Ours(_) => Ok(connection),
        Version::Empty | Version::Foreign => Err(foreign(path, "there are no runs in it")),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Error> {
    // No mutex: a connection stays with one thread at a time, which Rust checks.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = connection.map_err(|error| explain(path, &error))?;
    connection.busy_timeout(BUSY).map_err(|error| explain(path, &error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

#[derive(Clone, Copy)]
enum Version {
    /// A file without tables, to be filled.
    Empty,
    Ours(u32),
    Foreign,
}

fn version(connection: &Connection) -> rusqlite::Result<Version> {
    let sql = "SELECT application_id, user_version, EXISTS (SELECT 1 FROM sqlite_schema)
               FROM pragma_application_id, pragma_user_version";
    connection.query_row(sql, [], |row| {
        Ok(match (row.get(0)?, row.get(1)?, row.get(2)?) {
            (APPLICATION_ID, version, _) => Version::Ours(version),
            (0, 0, false) => Version::Empty,
            _ => Version::Foreign,
        })
    })
}

fn refuse_unknown(path: &Path, version: Version) -> Result<(), Error> {
    match version {
        Version::Foreign => Err(foreign(path, "it belongs to another program")),
        Version::Ours(version) if version > NEWEST => {
            let message = format!("the schema of `{}` is version {version}, this program knows only {NEWEST}", path.display());
            Err(store_error(format!("{message}; update the program")))
        }
        Version::Ours(_) | Version::Empty => Ok(()),
    }
}

fn set_up(connection: &Connection, synchronous: Synchronous) -> rusqlite::Result<()> {
    use_wal(connection)?;
    let synchronous = match synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)
}

/// SQLite does not wait where two connections turn on WAL at the same moment, so this does.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let deadline = Instant::now() + BUSY;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read again, now that nobody else can write: another process may just have done it.
    let done: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if done >= NEWEST {
        return Ok(());
    }
    for migration in MIGRATIONS.iter().skip(done as usize) {
        migration(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", NEWEST)?;
    transaction.commit()
}

fn explain(path: &Path, error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => foreign(path, "it is no SQLite file"),
        Some(ErrorCode::CannotOpen) if path.is_dir() => foreign(path, "it is a folder"),
        _ => failure("open the database", path, error),
    }
}

fn foreign(path: &Path, why: &str) -> Error {
    store_error(format!("`{}` is not a flow database: {why}; name another file", path.display()))
}
