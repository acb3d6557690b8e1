//! The facts of a run: past tense, numbered per run, appended and never changed.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::run::RunId;

/// One fact of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number in the run, from 0 on, without gaps. The store gives it.
    pub seq: u64,
    /// When it was written.
    pub time: SystemTime,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened. `path` is the place with a visit on every segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum Fact {
    /// The run began.
    #[serde(rename = "run.started")]
    RunStarted,
    /// A step is about to be executed.
    #[serde(rename = "step.started")]
    StepStarted {
        /// The place.
        path: String,
    },
    /// An attempt failed and another follows.
    #[serde(rename = "step.retried")]
    StepRetried {
        /// The place.
        path: String,
        /// The attempt that failed, from 0 on.
        attempt: u32,
        /// Why.
        error: String,
    },
    /// The result of a step came from the cache: no attempt was made.
    #[serde(rename = "step.cached")]
    StepCached {
        /// The place.
        path: String,
    },
    /// A place was left: its result is recorded.
    #[serde(rename = "step.completed")]
    StepCompleted {
        /// The place.
        path: String,
    },
    /// A step failed for good.
    #[serde(rename = "step.failed")]
    StepFailed {
        /// The place.
        path: String,
        /// The attempt that failed, from 0 on.
        attempt: u32,
        /// Why.
        error: String,
    },
    /// A place waits for an answer from outside.
    #[serde(rename = "step.suspended")]
    StepSuspended {
        /// The place.
        path: String,
    },
    /// A place waits for a time.
    #[serde(rename = "timer.set")]
    TimerSet {
        /// The place.
        path: String,
        /// When it is due.
        due: SystemTime,
    },
    /// The time of a place has come.
    #[serde(rename = "timer.fired")]
    TimerFired {
        /// The place.
        path: String,
    },
    /// A place got the signal it waits for.
    #[serde(rename = "signal.received")]
    SignalReceived {
        /// The place.
        path: String,
        /// The name of the signal.
        signal: String,
    },
    /// The run left memory: every place waits.
    #[serde(rename = "run.suspended")]
    RunSuspended,
    /// An answer was accepted.
    #[serde(rename = "run.resumed")]
    RunResumed {
        /// The suspension.
        path: String,
    },
    /// A failed run goes on from where it failed.
    #[serde(rename = "run.retried")]
    RunRetried,
    /// Another process took the run up.
    #[serde(rename = "run.recovered")]
    RunRecovered,
    /// The run began with a state of another one.
    #[serde(rename = "run.forked")]
    RunForked {
        /// The other run.
        of: RunId,
        /// Where it stood, from the workflow on: `content/editor_review#0`.
        at: String,
    },
    /// The run ended with its output.
    #[serde(rename = "run.completed")]
    RunCompleted,
    /// The run ended with an error.
    #[serde(rename = "run.failed")]
    RunFailed {
        /// Why.
        error: Error,
    },
    /// The run was ended from outside.
    #[serde(rename = "run.cancelled")]
    RunCancelled,
}

impl Fact {
    /// The name: `step.completed`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RunStarted => "run.started",
            Self::StepStarted { .. } => "step.started",
            Self::StepRetried { .. } => "step.retried",
            Self::StepCached { .. } => "step.cached",
            Self::StepCompleted { .. } => "step.completed",
            Self::StepFailed { .. } => "step.failed",
            Self::StepSuspended { .. } => "step.suspended",
            Self::TimerSet { .. } => "timer.set",
            Self::TimerFired { .. } => "timer.fired",
            Self::SignalReceived { .. } => "signal.received",
            Self::RunSuspended => "run.suspended",
            Self::RunResumed { .. } => "run.resumed",
            Self::RunRetried => "run.retried",
            Self::RunRecovered => "run.recovered",
            Self::RunForked { .. } => "run.forked",
            Self::RunCompleted => "run.completed",
            Self::RunFailed { .. } => "run.failed",
            Self::RunCancelled => "run.cancelled",
        }
    }

    /// The place, if the fact is about one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::StepStarted { path }
            | Self::StepRetried { path, .. }
            | Self::StepCached { path }
            | Self::StepCompleted { path }
            | Self::StepFailed { path, .. }
            | Self::StepSuspended { path }
            | Self::TimerSet { path, .. }
            | Self::TimerFired { path }
            | Self::SignalReceived { path, .. }
            | Self::RunResumed { path } => Some(path),
            _ => None,
        }
    }
}
