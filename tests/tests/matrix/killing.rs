//! A store that kills its own process, or freezes it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use flow_runtime::encoded::Encoded;
use flow_runtime::event::Event;
use flow_runtime::store::{
    Checkpoint, Claim, Committed, FrameBytes, History, InboxRow, Record, Refused, RunFilter, RunRow, Store, SuspensionRow,
    TimerRow, ValueId, WorkerId,
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

/// What to do to the process, at a record that changes the run: they are counted from 1 on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Blow {
    /// It ends.
    Kill { nth: usize, moment: Moment },
    /// It stands still before a write of whoever drives the run, that record or the next such one, and leaves this file.
    Freeze { nth: usize, mark: PathBuf },
}

/// Counts the records that change a run, and strikes its own process at one of them.
pub(crate) struct Killing {
    store: Arc<dyn Store>,
    blow: Option<Blow>,
    pub(crate) seen: Arc<Seen>,
}

/// What went through the store.
#[derive(Default)]
pub(crate) struct Seen {
    /// Records that change a run.
    pub(crate) counted: AtomicUsize,
    /// The epoch of the frozen driver, once it has woken.
    woken: OnceLock<u64>,
    /// What that driver then wrote, and the store took.
    pub(crate) taken_late: AtomicUsize,
    /// The same, and the store refused it.
    pub(crate) refused_late: AtomicUsize,
}

impl Seen {
    /// How many writes of a driver that was frozen are answered.
    pub(crate) fn late(&self) -> usize {
        self.taken_late.load(Ordering::SeqCst) + self.refused_late.load(Ordering::SeqCst)
    }
}

impl Killing {
    pub(crate) fn new(store: Arc<dyn Store>, blow: Option<Blow>) -> Self {
        Self { store, blow, seen: Arc::default() }
    }

    async fn write(&self, batch: Vec<Record>) -> Vec<Result<Committed, Refused>> {
        let (mut death, mut freeze) = (None, None);
        for (index, record) in batch.iter().enumerate().filter(|(_, record)| changes_a_run(record)) {
            let now = self.seen.counted.fetch_add(1, Ordering::SeqCst) + 1;
            match &self.blow {
                Some(Blow::Kill { nth, moment }) if *nth == now => death = Some((index, *moment)),
                Some(Blow::Freeze { nth, mark }) if *nth <= now && self.seen.woken.get().is_none() => {
                    freeze = freeze.or(epoch(record).map(|epoch| (mark, epoch)));
                }
                _ => {}
            }
        }
        if let Some((index, moment)) = death {
            eprintln!("killed at {:?}", batch[index]);
            return self.killed(batch, index, moment).await;
        }
        if let Some((mark, epoch)) = freeze {
            // Every step that has begun has left its mark by then.
            tokio::time::sleep(Duration::from_millis(20)).await;
            std::fs::write(mark, "").expect("the mark can be left");
            freeze_here();
            let _ = self.seen.woken.set(epoch);
        }
        let epochs: Vec<_> = batch.iter().map(epoch).collect();
        let answers = self.store.commit(batch).await;
        let Some(frozen) = self.seen.woken.get() else { return answers };
        for (_, answer) in epochs.iter().zip(&answers).filter(|(epoch, _)| epoch.as_ref() == Some(frozen)) {
            let late = if answer.is_ok() { &self.seen.taken_late } else { &self.seen.refused_late };
            late.fetch_add(1, Ordering::SeqCst);
        }
        answers
    }

    async fn killed(&self, mut batch: Vec<Record>, index: usize, moment: Moment) -> Vec<Result<Committed, Refused>> {
        match moment {
            Moment::BeforeTheWrite => batch.truncate(index),
            Moment::BeforeTheAck => batch.truncate(index + 1),
            Moment::AfterTheAck => {}
        }
        let answers = if batch.is_empty() { Vec::new() } else { self.store.commit(batch).await };
        std::thread::spawn(|| strike("KILL"));
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

/// Under which epoch whoever drives a run writes this, if only a driver may.
fn epoch(record: &Record) -> Option<u64> {
    match record {
        Record::Transition(transition) => Some(transition.epoch),
        Record::Note { epoch, .. } | Record::Park { epoch, .. } => Some(*epoch),
        _ => None,
    }
}

/// Sends this process a signal that nothing can catch.
fn strike(signal: &str) {
    send(signal, std::process::id());
}

/// A process stands still a while after it got the signal: as soon as its first thread looks. Comes back when that is over.
fn freeze_here() {
    let mut last = Instant::now();
    strike("STOP");
    while last.elapsed() < Duration::from_millis(500) {
        last = Instant::now();
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a process a signal.
pub(crate) fn send(signal: &str, pid: u32) {
    let sent = Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &pid.to_string()]).status();
    assert!(sent.is_ok_and(|sent| sent.success()), "the signal {signal} cannot be sent");
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
    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.store.checkpoints(run)
    }
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.store.owned(worker)
    }
}
