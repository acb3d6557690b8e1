//! A suspension that somebody must answer before a time.

use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::store::WaitsFor;

/// What the place of a `#[suspend(deadline = ..)]` keeps: what it shows, and the time when it is too late.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Until<T> {
    /// What it shows.
    pub shown: T,
    /// The absolute time.
    pub due: SystemTime,
}

impl<T: Serialize> Until<T> {
    /// From this time on.
    pub fn after(limit: Duration, shown: T, now: SystemTime) -> Self {
        Self { shown, due: now + limit }
    }

    /// From now on.
    pub fn from_now(limit: Duration, shown: T) -> Self {
        Self::after(limit, shown, clock::now())
    }

    /// What ends the wait.
    pub fn waits_for(&self) -> WaitsFor {
        WaitsFor::AnswerUntil { due: self.due }
    }

    /// What it shows.
    ///
    /// # Errors
    /// When the type's `Serialize` refuses the value.
    pub fn shows(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(&self.shown)
    }
}
