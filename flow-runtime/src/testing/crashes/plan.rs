//! Which record of a run is disturbed, and how.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::event::Fact;
use crate::store::Record;
use crate::testing::faulty::Fate;

/// When a run is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// The process is gone before the record is written.
    Before,
    /// The process is gone when the record is written, and nobody was told.
    After,
    /// The record is written and the answer is lost: the process gives it to the store again.
    Lost,
}

impl Moment {
    pub(super) const ALL: [Self; 3] = [Self::Before, Self::After, Self::Lost];
}

/// What happens to a run, at which of its records, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Blow {
    pub(super) record: usize,
    pub(super) moment: Moment,
}

impl Blow {
    /// How to run this one alone.
    pub(super) fn alone(self) -> String {
        format!("to run this case alone: `.only({}, Moment::{:?})`", self.record, self.moment)
    }
}

impl fmt::Display for Blow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.moment {
            Moment::Before => "the process is gone before it writes",
            Moment::After => "the process is gone after it wrote",
            Moment::Lost => "the answer of the store is lost after",
        })
    }
}

/// What a process writes of its run, and what becomes of that.
#[derive(Debug)]
pub(in crate::testing) struct Plan {
    blow: Option<Blow>,
    written: Mutex<Vec<String>>,
    gone: CancellationToken,
}

impl Plan {
    pub(super) fn new(blow: Option<Blow>) -> Self {
        Self { blow, written: Mutex::default(), gone: CancellationToken::new() }
    }

    /// What it has written, or was about to when it was interrupted.
    pub(super) fn written(&self) -> Vec<String> {
        self.lock().clone()
    }

    /// Waits until the process is gone.
    pub(super) async fn gone(&self) {
        self.gone.cancelled().await;
    }

    pub(in crate::testing) fn fate(&self, record: &Record) -> Fate {
        if self.gone.is_cancelled() {
            return Fate::Refused;
        }
        let Some(name) = name(record) else { return Fate::Written };
        let mut written = self.lock();
        written.push(name);
        let Some(blow) = self.blow.filter(|blow| blow.record == written.len()) else { return Fate::Written };
        if blow.moment != Moment::Lost {
            self.gone.cancel();
        }
        if blow.moment == Moment::Before { Fate::Refused } else { Fate::Lost }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a record of a run is called; none for one that is about the process.
fn name(record: &Record) -> Option<String> {
    let facts = match record {
        Record::Start(_) => return Some("the start".to_owned()),
        Record::Park { .. } => return Some("the run leaves memory".to_owned()),
        Record::Resume { path, .. } => return Some(format!("the answer to `{path}`")),
        Record::Fire { path, .. } => return Some(format!("the end of the time of `{path}`")),
        Record::Signal { name, .. } => return Some(format!("the signal `{name}`")),
        Record::Transition(transition) => &transition.facts,
        Record::Note { facts, .. } => facts,
        _ => return None,
    };
    let named = |fact: &Fact| fact.path().map_or_else(|| fact.name().to_owned(), |path| format!("{} `{path}`", fact.name()));
    let facts: Vec<_> = facts.iter().map(named).collect();
    Some(if facts.is_empty() { "a place is passed".to_owned() } else { facts.join(" and ") })
}
