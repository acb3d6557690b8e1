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
mod refuse;
mod shared;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::time::SystemTime;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use batcher::Batcher;
pub use memory::Memory;
#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub(crate) use refuse::store_error;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;

use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::{Event, Fact};
use crate::run::{RunId, RunStatus};
use crate::snapshot::StoredFrame;

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
    /// The runs that a worker owns, with epoch and `inbox_seq`: how it learns of answers other processes wrote and
    /// of runs it has lost.
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>>;
}

/// One change.
#[derive(Clone, Debug)]
pub enum Record {
    /// Announces a worker or renews its lease.
    Lease {
        /// The worker.
        worker: WorkerId,
        /// Until when its runs are its own.
        until: SystemTime,
    },
    /// A worker ends: its lease goes and its running runs may be claimed at once.
    Release {
        /// The worker.
        worker: WorkerId,
    },
    /// Begins a run, owned by the worker, with epoch 1. Answers `Started`; with a key that a run of the same workflow
    /// and input has, that run; with another input or workflow, `KeyConflict`.
    Start(Box<NewRun>),
    /// Takes one running run that nobody live owns. Answers `Claimed` with one claim, else `Busy`, `WrongStatus`,
    /// `UnknownRun`.
    Claim {
        /// The run.
        run: RunId,
        /// By whom.
        worker: WorkerId,
        /// The present, to tell whether a lease has run out.
        now: SystemTime,
    },
    /// Takes running runs that nobody live owns, oldest first. Answers `Claimed`.
    ClaimAny {
        /// By whom.
        worker: WorkerId,
        /// Only runs of these workflows: the ones the worker can drive.
        workflows: Vec<String>,
        /// The present.
        now: SystemTime,
        /// How many at most.
        limit: usize,
    },
    /// Moves a machine of a run. Answers `Written`.
    Transition(Box<Transition>),
    /// Facts without state. Answers `Written`.
    Note {
        /// The run.
        run: RunId,
        /// Its epoch.
        epoch: u64,
        /// What happened.
        facts: Vec<Fact>,
        /// When.
        now: SystemTime,
    },
    /// Puts a run to rest, with `RunSuspended`: `Done`, or `Moved` when an answer came meanwhile.
    Park {
        /// The run.
        run: RunId,
        /// Its epoch.
        epoch: u64,
        /// The number the parker has read up to.
        inbox_seq: u64,
        /// The present.
        now: SystemTime,
    },
    /// Answers a suspension, with `RunResumed`; a parked run becomes running and unowned. `Done`, else
    /// `NotSuspended`, `AlreadyResumed`, `Withdrawn`, `UnknownRun`.
    Resume {
        /// The run.
        run: RunId,
        /// The place with its visits.
        path: String,
        /// The answer, as JSON.
        payload: serde_json::Value,
        /// The caller's own name for this answer, kept as long as the run: the same once more is `Done` and changes nothing.
        request: Option<String>,
        /// The present.
        now: SystemTime,
    },
    /// Ends the wait for a time, with `TimerFired`; a parked run becomes running and unowned. Answers as `Resume` does.
    Fire {
        /// The run.
        run: RunId,
        /// The place with its visits.
        path: String,
        /// The present.
        now: SystemTime,
    },
    /// Sends a signal. The place that has waited for it longest gets it, as an answer, with `SignalReceived`; without such a
    /// place it is kept. `Done`, else `UnknownRun`, or `WrongStatus` for a run that is completed or cancelled.
    Signal {
        /// The run.
        run: RunId,
        /// Its name.
        name: String,
        /// What it brings, as JSON.
        payload: serde_json::Value,
        /// The caller's own name for this signal, kept as long as the run: the same once more is `Done` and changes nothing.
        request: Option<String>,
        /// The present.
        now: SystemTime,
    },
    /// Ends a run from outside, with `RunCancelled`: raises the epoch, withdraws its suspensions, deletes its frames.
    /// `Done`; `WrongStatus` for one that is completed or cancelled.
    Cancel {
        /// The run.
        run: RunId,
        /// The present.
        now: SystemTime,
    },
    /// Lets a failed run go on where it failed, with `RunRetried`: raises the epoch, clears the error. Answers
    /// `Claimed`; `WrongStatus` for one that has not failed.
    Retry {
        /// The run.
        run: RunId,
        /// By whom.
        worker: WorkerId,
        /// The present.
        now: SystemTime,
    },
    /// Deletes runs that are completed or cancelled, with all they left behind: first the one that has not changed for longest. Their
    /// keys are free again. Answers `Pruned`.
    Prune {
        /// Only runs that have not changed from this time on.
        before: SystemTime,
        /// Failed runs too: they cannot be retried any more.
        failed: bool,
        /// How many at most: a store may hold the others up while it deletes.
        limit: usize,
    },
}

/// What `Start` writes, with `RunStarted`.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id.
    pub run: RunId,
    /// The registered name of its workflow.
    pub workflow: String,
    /// The fingerprint of the workflow's graph.
    pub fingerprint: u64,
    /// The caller's own name for this run; one run a key.
    pub key: Option<String>,
    /// The input.
    pub input: Encoded,
    /// The first frame.
    pub frame: FrameRow,
    /// Who drives it.
    pub worker: WorkerId,
    /// The present.
    pub now: SystemTime,
}

/// One machine of a run goes from one place to the next, or the run ends.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The run.
    pub run: RunId,
    /// Its epoch.
    pub epoch: u64,
    /// The machine's new frame.
    pub frame: Option<FrameRow>,
    /// The place that was left, with its visit.
    pub left: Option<String>,
    /// What the new place shows to whoever is to answer.
    pub opens: Option<Opening>,
    /// How the run ended. `Completed` deletes every frame and value and withdraws what is open; `Failed` keeps all.
    pub end: Option<End>,
    /// What happened.
    pub facts: Vec<Fact>,
    /// When.
    pub now: SystemTime,
    /// It may have been applied before, by a store that could not say so. That is so if its frame stands there byte for
    /// byte, for each frame of a machine differs from the one before it; then it changes nothing.
    pub again: bool,
}

/// A frame to be written.
#[derive(Clone, Debug)]
pub struct FrameRow {
    /// The machine's path.
    pub path: String,
    /// The place, for people who look into the store.
    pub place: String,
    /// The frame, as `StoredFrame::to_bytes` gives it.
    pub bytes: Vec<u8>,
    /// New large values.
    pub values: Vec<ValueWrite>,
    /// Large values that nothing refers to any more.
    pub dead: Vec<ValueId>,
}

/// What a machine writes when it moves.
#[derive(Debug)]
pub struct FrameWrite {
    /// The frame.
    pub frame: StoredFrame,
    /// New large values.
    pub values: Vec<ValueWrite>,
    /// Large values that nothing refers to any more.
    pub dead: Vec<ValueId>,
}

impl FrameWrite {
    /// The row for the machine of this path.
    ///
    /// # Errors
    /// When the frame cannot be encoded.
    pub fn into_row(self, path: String) -> Result<FrameRow, Error> {
        let bytes = self.frame.to_bytes()?;
        Ok(FrameRow { path, place: self.frame.place, bytes, values: self.values, dead: self.dead })
    }
}

/// A large value to be written once.
#[derive(Clone, Debug)]
pub struct ValueWrite {
    /// Its id.
    pub id: ValueId,
    /// The value.
    pub value: Encoded,
}

/// A suspension that opens.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The place with its visits.
    pub path: String,
    /// The stored name of its node.
    pub node: String,
    /// What it shows, as JSON.
    pub payload: serde_json::Value,
    /// The JSON Schema of what resumes it.
    pub schema: serde_json::Value,
    /// What ends the wait.
    pub waits_for: WaitsFor,
}

/// What ends the wait of a place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// Somebody's answer.
    #[default]
    Answer,
    /// A time.
    Time {
        /// When it is due.
        due: SystemTime,
    },
    /// A signal.
    Signal {
        /// Its name.
        name: String,
    },
}

/// A place that waits for a time.
#[derive(Clone, Debug, PartialEq)]
pub struct TimerRow {
    /// When it is due.
    pub due: SystemTime,
    /// The run.
    pub run: RunId,
    /// The place with its visits.
    pub path: String,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum End {
    /// With this output.
    Completed(Encoded),
    /// With this error.
    Failed(Error),
}

/// What an accepted record did.
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// It is done.
    Done,
    /// A run stands under this id; `fresh` if this record began it.
    Started {
        /// The run.
        run: RunId,
        /// Begun by this record, not found by its key.
        fresh: bool,
    },
    /// These runs are the worker's.
    Claimed(Vec<Claim>),
    /// The facts got numbers from this one on.
    Written {
        /// The number of the first fact.
        first: u64,
    },
    /// The run was not parked: answers came, up to this number.
    Moved {
        /// The run's `inbox_seq`.
        inbox_seq: u64,
    },
    /// So many runs were deleted.
    Pruned(u64),
}

/// Why a record was not applied.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The epoch is over.
    Fenced,
    /// No such run.
    UnknownRun,
    /// Nothing is suspended there, now or before.
    NotSuspended,
    /// It had its answer.
    AlreadyResumed,
    /// The run went on without it.
    Withdrawn,
    /// A live worker owns the run, with a lease until then.
    Busy {
        /// The lease's end.
        until: SystemTime,
    },
    /// The run's status does not allow it.
    WrongStatus(RunStatus),
    /// The key belongs to this run, which has another workflow or input.
    KeyConflict {
        /// The run with that key.
        run: RunId,
        /// Its workflow.
        workflow: String,
    },
    /// The store failed; nothing was applied, as far as it knows.
    Store(Error),
}

/// A run that a worker owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The run.
    pub run: RunId,
    /// Its workflow.
    pub workflow: String,
    /// Its epoch from now on.
    pub epoch: u64,
    /// How many answers it has got.
    pub inbox_seq: u64,
}

/// Which runs to list. The default lists all.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Only runs of this workflow.
    pub workflow: Option<String>,
    /// Only runs of this status.
    pub status: Option<RunStatus>,
    /// At most so many; 0 means all.
    pub limit: usize,
}

/// A run as it stands in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunRow {
    /// Its id.
    pub run: RunId,
    /// Its workflow.
    pub workflow: String,
    /// The fingerprint of the graph it was started with.
    pub fingerprint: u64,
    /// The caller's own name for it.
    pub key: Option<String>,
    /// Where it stands.
    pub status: RunStatus,
    /// How often it changed hands.
    pub epoch: u64,
    /// How many answers it has got.
    pub inbox_seq: u64,
    /// Its input.
    pub input: Encoded,
    /// Its output, once completed.
    pub output: Option<Encoded>,
    /// Its error, while failed.
    pub error: Option<Error>,
    /// When it was started.
    pub started: SystemTime,
    /// When it last changed.
    pub changed: SystemTime,
}

/// An open suspension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuspensionRow {
    /// The place with its visits.
    pub path: String,
    /// The stored name of its node.
    pub node: String,
    /// What it shows.
    pub payload: serde_json::Value,
    /// The JSON Schema of what resumes it.
    pub schema: serde_json::Value,
    /// When it opened.
    pub since: SystemTime,
    /// What ends the wait.
    #[serde(default)]
    pub waits_for: WaitsFor,
}

/// An answer that waits to be taken.
#[derive(Clone, Debug, PartialEq)]
pub struct InboxRow {
    /// Its number in the run, from 1 on.
    pub seq: u64,
    /// Which suspension it answers.
    pub path: String,
    /// The answer.
    pub payload: serde_json::Value,
}

/// Whether a path is the place or lies below it: what leaving the place ends.
pub(crate) fn is_at_or_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
}
