//! What is read.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{ValueId, WaitsFor};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::run::{Durability, RunId, RunStatus};
use crate::secret;

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
    /// How often in a row it was taken from a worker whose lease ran out, without a transition since.
    pub recoveries: u32,
    /// When what it does is written.
    pub durability: Durability,
}

/// Which runs to list. The default lists all.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Only runs of this workflow.
    pub workflow: Option<String>,
    /// Only runs of this status.
    pub status: Option<RunStatus>,
    /// Only runs that are listed behind the one that was started then and has this id: the next page.
    pub before: Option<(SystemTime, RunId)>,
    /// At most so many; 0 means all.
    pub limit: usize,
}

/// One thing that a run with checkpoints did, in their order: a machine was written, or a place left.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The path of the machine, or of the place.
    pub path: String,
    /// The frame, as `StoredFrame::to_bytes` gave it. None where the place was left: what was at or below it is gone then.
    pub frame: Option<Vec<u8>>,
    /// The large values that were new.
    pub values: Vec<(ValueId, Encoded)>,
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl Checkpoint {
    /// The values as one column: of each its id and its length, eight bytes, and its bytes.
    pub(crate) fn packed(&self) -> Option<Vec<u8>> {
        let each = |(id, value): &(ValueId, Encoded)| {
            let bytes = value.as_bytes();
            [&id.to_be_bytes(), &(bytes.len() as u64).to_be_bytes(), bytes].concat()
        };
        (!self.values.is_empty()).then(|| self.values.iter().flat_map(each).collect())
    }

    /// None where the column is damaged.
    pub(crate) fn unpacked(path: String, frame: Option<Vec<u8>>, packed: Option<&[u8]>) -> Option<Self> {
        let (mut rest, mut values) = (packed.unwrap_or_default(), Vec::new());
        while !rest.is_empty() {
            let (id, behind) = rest.split_first_chunk()?;
            let (length, behind) = behind.split_first_chunk()?;
            let (bytes, behind) = behind.split_at_checked(usize::try_from(u64::from_be_bytes(*length)).ok()?)?;
            values.push((u64::from_be_bytes(*id), Encoded::from_bytes(bytes.to_vec())));
            rest = behind;
        }
        Some(Self { path, frame, values })
    }
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
    /// When what it does is written.
    pub durability: Durability,
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
#[derive(Clone, PartialEq)]
pub struct InboxRow {
    /// Its number in the run, from 1 on.
    pub seq: u64,
    /// Which suspension it answers.
    pub path: String,
    /// The answer.
    pub payload: serde_json::Value,
}

impl fmt::Debug for InboxRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = secret::hidden(&self.payload);
        f.debug_struct("InboxRow").field("seq", &self.seq).field("path", &self.path).field("payload", &payload).finish()
    }
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
