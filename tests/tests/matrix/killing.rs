//! A store that kills its own process.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flow_runtime::encoded::Encoded;
use flow_runtime::event::Event;
use flow_runtime::store::{
    Claim, Committed, FrameBytes, History, InboxRow, Record, Refused, RunFilter, RunRow, Store, SuspensionRow, TimerRow, ValueId,
    WorkerId,
};
use flow_runtime::{Error, RunId};
use futures::FutureExt;
use futures::future::{BoxFuture, pending};
use serde::{Deserialize, Serialize};

/// When to die, around a record that changes the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Moment {
    BeforeTheWrite,
    BeforeTheAck,
    AfterTheAck,
}

impl Moment {
    pub(crate) const ALL: [Self; 3] = [Self::BeforeTheWrite, Self::BeforeTheAck, Self::AfterTheAck];
}

/// The record, from 1 on, and the moment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Kill {
    pub(crate) nth: usize,
    pub(crate) moment: Moment,
}

/// Counts the records that change a run, and kills the process at one of them.
pub(crate) struct Killing {
    store: Arc<dyn Store>,
    kill: Option<Kill>,
    counted: Arc<AtomicUsize>,
}

impl Killing {
    pub(crate) fn new(store: Arc<dyn Store>, kill: Option<Kill>) -> Self {
        Self { store, kill, counted: Arc::default() }
    }

    /// How many records were counted.
    pub(crate) fn counted(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.counted)
    }

    /// The index of the record to die at, if it is in this batch.
    fn last(&self, batch: &[Record]) -> Option<(usize, Moment)> {
        let mut found = None;
        for (index, _) in batch.iter().enumerate().filter(|(_, record)| changes_a_run(record)) {
            let nth = self.counted.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(kill) = self.kill.filter(|kill| kill.nth == nth) {
                found = Some((index, kill.moment));
            }
        }
        found
    }

    async fn write(&self, mut batch: Vec<Record>) -> Vec<Result<Committed, Refused>> {
        let Some((index, moment)) = self.last(&batch) else { return self.store.commit(batch).await };
        eprintln!("killed at {:?}", batch[index]);
        match moment {
            Moment::BeforeTheWrite => batch.truncate(index),
            Moment::BeforeTheAck => batch.truncate(index + 1),
            Moment::AfterTheAck => {}
        }
        let answers = if batch.is_empty() { Vec::new() } else { self.store.commit(batch).await };
        std::thread::spawn(die);
        if moment != Moment::AfterTheAck {
            pending::<()>().await;
        }
        answers
    }
}

/// What belongs to a worker, or takes up whatever it finds, is no step of a run.
fn changes_a_run(record: &Record) -> bool {
    !matches!(record, Record::Lease { .. } | Record::Release { .. } | Record::ClaimAny { .. } | Record::Prune { .. })
}

/// By the signal that nothing can catch.
fn die() {
    let killed = Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
    unreachable!("a killed process goes on: {killed:?}");
}

impl Store for Killing {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        self.write(batch).boxed()
    }
}

impl History for Killing {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.store.runs(filter)
    }
    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.store.run(run)
    }
    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        self.store.frames(run)
    }
    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.store.values(run)
    }
    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.store.events(run, from)
    }
    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.store.suspensions(run)
    }
    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.store.timers(limit)
    }
    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.store.inbox(run)
    }
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.store.owned(worker)
    }
}
