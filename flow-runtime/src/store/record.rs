//! What is written, and what the store says to it.

use std::ops::Range;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{Checkpoint, Claim, ValueId, WorkerId};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Fact;
use crate::run::{Durability, RunId, RunStatus};
use crate::snapshot::StoredFrame;

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
        /// Only runs that were taken so often in a row from a worker that died.
        recoveries: Range<u32>,
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
    /// When what it does is written.
    pub durability: Durability,
    /// The first frame.
    pub frame: FrameRow,
    /// Whether every frame it is ever written with is kept, to be forked from.
    pub checkpoints: bool,
    /// For one that goes on from a state of another run.
    pub forked: Option<Box<Forked>>,
    /// Who drives it.
    pub worker: WorkerId,
    /// The present.
    pub now: SystemTime,
}

impl NewRun {
    /// What whoever starts it holds of it, unless its key was known.
    pub(crate) fn claim(&self) -> Claim {
        let (run, workflow, durability) = (self.run, self.workflow.clone(), self.durability);
        Claim { run, workflow, epoch: 1, inbox_seq: 0, recoveries: 0, durability }
    }
}

/// What a run begins with that goes on from a state of another one; with `RunForked`.
#[derive(Clone, Debug)]
pub struct Forked {
    /// The other run.
    pub of: RunId,
    /// Where, from the workflow on: `content/editor_review#0`.
    pub at: String,
    /// The frames of its arms.
    pub arms: Vec<FrameRow>,
    /// What waits.
    pub opens: Vec<Opening>,
}

/// One machine of a run goes from one place to the next, or the run ends.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The run.
    pub run: RunId,
    /// Its epoch.
    pub epoch: u64,
    /// What was not written until now. It is applied first: the places are left, then the frames written.
    pub kept_back: KeptBack,
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

/// Moves of machines that are written with a later one. None of them opens or ends anything.
#[derive(Clone, Debug, Default)]
pub struct KeptBack {
    /// The places that were left.
    pub left: Vec<String>,
    /// The frames that machines have now, one each.
    pub frames: Vec<FrameRow>,
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

impl FrameRow {
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let values = self.values.iter().map(|write| (write.id, write.value.clone())).collect();
        Checkpoint { path: self.path.clone(), frame: Some(self.bytes.clone()), values }
    }
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
    /// Somebody's answer, or that it has not come by a time.
    AnswerUntil {
        /// When it is too late.
        due: SystemTime,
    },
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

impl WaitsFor {
    /// Whether somebody's answer ends the wait.
    pub fn takes_an_answer(&self) -> bool {
        matches!(self, Self::Answer | Self::AnswerUntil { .. })
    }

    /// The time that ends the wait, if one does.
    pub fn due(&self) -> Option<SystemTime> {
        match self {
            Self::Time { due } | Self::AnswerUntil { due } => Some(*due),
            Self::Answer | Self::Signal { .. } => None,
        }
    }

    /// The payload of a wait that its time has ended: what [`Record::Fire`] leaves in the inbox.
    pub fn fired() -> serde_json::Value {
        serde_json::json!({ "flow.fired": true })
    }
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
