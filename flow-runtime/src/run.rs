//! A run and where it stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, ErrorKind};

/// The id of a run: a UUID v7, so ids sort by the time of their start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub(crate) Uuid);

impl RunId {
    /// A new id.
    #[expect(clippy::new_without_default, reason = "every call gives another one")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RunId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let id = Uuid::parse_str(text);
        id.map(Self).map_err(|_| Error::kind(ErrorKind::UnknownRun, format!("`{text}` is not the id of a run")))
    }
}

/// When what a run does is written. Chosen at its [start](crate::Start::durability), and kept with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// After each step, before the next one begins: a crash repeats at most the steps that were executing.
    #[default]
    Transition,
    /// When the run begins to wait, when it ends, and after every 256 steps: all at once. Steps do not wait for the store. A crash
    /// repeats every step since, with the same idempotency keys, and their events are timed by the writing. For runs of many
    /// short steps that may be done twice; not for steps that cost money. While a place of the run waits, each step is
    /// written as by `Transition`.
    Suspend,
}

impl Durability {
    /// As it is written and stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transition => "transition",
            Self::Suspend => "suspend",
        }
    }
}

impl FromStr for Durability {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "transition" => Ok(Self::Transition),
            "suspend" => Ok(Self::Suspend),
            _ => Err(Error::new(format!("`{text}` is no durability: it is `transition` or `suspend`"))),
        }
    }
}

/// Where a run stands.
///
/// ```text
/// running ⇄ suspended     parked, and resumed
/// running → completed | failed
/// failed → running        retry
/// running | suspended | failed → cancelled
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Steps are being executed, or will be as soon as a process takes the run up.
    Running,
    /// Parked: every place waits for something from outside.
    Suspended,
    /// Ended with an output.
    Completed,
    /// Ended with an error; its frames are kept, so it can be retried.
    Failed,
    /// Ended from outside.
    Cancelled,
}

impl RunStatus {
    /// Whether a run may go from here to there.
    pub fn may_become(self, next: Self) -> bool {
        use RunStatus::{Cancelled, Completed, Failed, Running, Suspended};
        matches!(
            (self, next),
            (Running, Suspended | Completed | Failed | Cancelled)
                | (Suspended, Running | Cancelled)
                | (Failed, Running | Cancelled)
        )
    }

    /// Whether the run has ended for good. A failed one has not: it can be retried.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }

    /// Its stored name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Suspended => "suspended",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RunStatus {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let all = [Self::Running, Self::Suspended, Self::Completed, Self::Failed, Self::Cancelled];
        all.into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Error::kind(ErrorKind::Store, format!("unknown status `{text}`")))
    }
}
