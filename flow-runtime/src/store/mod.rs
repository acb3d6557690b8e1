//! Where runs are kept. [`Store`] is the write path, [`History`] the read path.
//!
//! # The protocol
//!
//! A run changes only by a [`Record`], and a record is applied whole or not at all.
//!
//! * **One writer.** A run has an epoch. Every record that carries an epoch is refused as [`Refused::Fenced`] unless
//!   it is the run's. Claiming, cancelling and retrying raise the epoch, so what an earlier holder still sends is
//!   refused. Nothing but the epoch is compared: the arms of a join commit side by side.
//! * **The store numbers the events** of a run, from 0 on, without gaps.
//! * **A wake-up cannot be lost.** A resume inserts an inbox row and raises the run's `inbox_seq` in one transaction;
//!   [`Record::Park`] succeeds only while `inbox_seq` is what the parker read. Both write the run's row, so that this
//!   also holds in a database that shows a transaction an older state.
//! * **A resume answers one open suspension**, named by its path with visits, and this is decided in the same
//!   transaction: open → answered; else not suspended, already resumed or withdrawn.
//! * **Leaving a place** (`Transition::left`) first, before the new frame is written, deletes the frames and values of it and below it, consumes the inbox rows of it and
//!   below it, and withdraws what is still open there.
//! * **A wait ends by what it waits for**: an answer, a time or a signal. All three end it once, as an inbox row.
//! * **Signals** are kept in order. One that was given to a place and not taken there, because a place above was left first,
//!   is kept again; leaving the place itself takes it.
//! * **A request is done once.** A resume or a signal may name itself; the store remembers the name with the run, so that a
//!   caller who did not get the answer may ask again.
//! * **Leases** belong to workers: a run whose owner's lease has run out may be claimed.

mod batcher;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;
mod record;
mod refuse;
mod row;
#[cfg(feature = "seal")]
pub mod sealed;
mod shared;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use futures::future::BoxFuture;
use uuid::Uuid;

pub(crate) use batcher::Batcher;
pub use memory::Memory;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub use record::{
    Committed, End, Forked, FrameRow, FrameWrite, KeptBack, NewRun, Opening, Record, Refused, Transition, ValueWrite, WaitsFor,
};
pub(crate) use refuse::store_error;
pub use row::{Checkpoint, Claim, InboxRow, RunFilter, RunRow, SuspensionRow, TimerRow};
#[cfg(feature = "seal")]
pub use sealed::{Keys, Sealed};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;

use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;

/// The id of a value that has a row of its own; unique in its run.
pub type ValueId = u64;

/// Stored frames by path; `StoredFrame::from_bytes` reads them.
pub type FrameBytes = Vec<(String, Vec<u8>)>;

/// The id of a process that drives runs.
pub type WorkerId = Uuid;

/// Writes. Implemented by each store; everything above it goes through one batcher. What it must keep to, `conformance` tests.
pub trait Store: History {
    /// Applies records in order, in one transaction or several, and answers each. One refused record does not
    /// disturb its neighbours. When it returns, what was accepted is as durable as the store can make it.
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>>;
}

/// Reads. Opening and using it claims nothing and disturbs no process that drives runs.
pub trait History: Send + Sync + 'static {
    /// The runs that match, newest first.
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>>;
    /// One run.
    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>>;
    /// The frames of a run.
    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>>;
    /// The large values of a run.
    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>>;
    /// The events of a run from a number on.
    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>>;
    /// The open suspensions of a run, oldest first.
    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>>;
    /// The timers of all runs that are not over, the one that is due first before the others.
    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>>;
    /// The answers that no transition has consumed yet, in the order they came.
    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>>;
    /// What a run with checkpoints did from its start on, until it is pruned; nothing for any other run.
    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>>;
    /// The runs that a worker owns, with epoch and `inbox_seq`: how it learns of answers other processes wrote and
    /// of runs it has lost.
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>>;
}

/// Whether a path is the place or lies below it: what leaving the place ends.
pub(crate) fn is_at_or_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}
