//! Runs in memory: for tests, and for programs that need no durability.

mod run;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use futures::FutureExt;
use futures::future::{BoxFuture, ready};

use self::run::Run;
use super::refuse::exists_already;
use super::{
    Claim, Committed, FrameBytes, History, InboxRow, NewRun, Record, Refused, RunFilter, RunRow, Store, SuspensionRow, TimerRow,
    ValueId, WorkerId,
};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::{Event, Fact};
use crate::run::{RunId, RunStatus};
use crate::store::Checkpoint;

/// A store that lives as long as its last handle. Clones share it, as processes share a file.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    runs: BTreeMap<RunId, Run>,
    keys: HashMap<String, RunId>,
    leases: HashMap<WorkerId, SystemTime>,
}

impl Memory {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every record is judged before it changes anything, so what a panic left behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T: Send + 'static>(&self, read: impl FnOnce(&State) -> T) -> BoxFuture<'_, Result<T, Error>> {
        ready(Ok(read(&self.state()))).boxed()
    }

    fn read_run<T: Default + Send + 'static>(&self, run: RunId, read: impl FnOnce(&Run) -> T) -> BoxFuture<'_, Result<T, Error>> {
        self.read(|state| state.runs.get(&run).map(read).unwrap_or_default())
    }
}

impl Store for Memory {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        async move {
            let mut state = self.state();
            batch.into_iter().map(|record| state.apply(record)).collect()
        }
        .boxed()
    }
}

impl History for Memory {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.read(|state| state.runs(&filter))
    }

    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.read_run(run, |run| Some(run.row.clone()))
    }

    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        self.read_run(run, Run::frames)
    }

    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.read_run(run, Run::values)
    }

    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.read_run(run, |run| run.events_from(from))
    }

    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.read_run(run, Run::suspensions)
    }

    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.read(|state| {
            let mut timers: Vec<_> = state.runs.values().flat_map(Run::timers).collect();
            timers.sort_by(|a, b| (a.due, a.run, &a.path).cmp(&(b.due, b.run, &b.path)));
            timers.truncate(limit);
            timers
        })
    }

    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.read_run(run, Run::inbox)
    }

    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.read_run(run, Run::checkpoints)
    }

    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.read(|state| state.runs.values().filter(|run| run.owner == Some(worker)).map(Run::as_claim).collect())
    }
}

impl State {
    fn apply(&mut self, record: Record) -> Result<Committed, Refused> {
        match record {
            Record::Lease { worker, until } => self.lease(worker, until),
            Record::Release { worker } => self.release(worker),
            Record::Start(new) => self.start(*new),
            Record::Claim { run, worker, now } => self.claim(run, worker, now),
            Record::ClaimAny { worker, workflows, recoveries, now, limit } => {
                let fits = |run: &Run| workflows.contains(&run.row.workflow) && recoveries.contains(&run.recoveries);
                Ok(self.claim_any(worker, fits, now, limit))
            }
            Record::Transition(transition) => self.held(transition.run, transition.epoch)?.transition(*transition),
            Record::Note { run, epoch, facts, now } => {
                let first = self.held(run, epoch)?.append(facts, now);
                Ok(Committed::Written { first })
            }
            Record::Park { run, epoch, inbox_seq, now } => Ok(self.held(run, epoch)?.park(inbox_seq, now)),
            Record::Resume { run, path, payload, request, now } => self.known(run)?.resume(path, payload, request, now),
            Record::Fire { run, path, now } => self.known(run)?.fire(path, now),
            Record::Signal { run, name, payload, request, now } => self.known(run)?.signal(name, payload, request, now),
            Record::Cancel { run, now } => self.known(run)?.cancel(now),
            Record::Retry { run, worker, now } => self.known(run)?.retry(worker, now),
            Record::Prune { before, failed, limit } => Ok(self.prune(before, failed, limit)),
        }
    }

    fn known(&mut self, run: RunId) -> Result<&mut Run, Refused> {
        self.runs.get_mut(&run).ok_or(Refused::UnknownRun)
    }

    /// The run, if its holder may still write.
    fn held(&mut self, run: RunId, epoch: u64) -> Result<&mut Run, Refused> {
        let run = self.known(run)?;
        if run.row.epoch == epoch && run.row.status == RunStatus::Running { Ok(run) } else { Err(Refused::Fenced) }
    }

    fn lease(&mut self, worker: WorkerId, until: SystemTime) -> Result<Committed, Refused> {
        self.leases.insert(worker, until);
        Ok(Committed::Done)
    }

    fn release(&mut self, worker: WorkerId) -> Result<Committed, Refused> {
        self.leases.remove(&worker);
        self.runs.values_mut().filter(|run| run.owner == Some(worker)).for_each(|run| run.owner = None);
        Ok(Committed::Done)
    }

    fn start(&mut self, new: NewRun) -> Result<Committed, Refused> {
        if let Some(found) = new.key.as_ref().and_then(|key| self.keys.get(key)) {
            let row = &self.runs[found].row;
            if row.workflow == new.workflow && row.input == new.input {
                return Ok(Committed::Started { run: *found, fresh: false });
            }
            return Err(Refused::KeyConflict { run: *found, workflow: row.workflow.clone() });
        }
        let id = new.run;
        if self.runs.contains_key(&id) {
            return Err(exists_already(id));
        }
        self.keys.extend(new.key.clone().map(|key| (key, id)));
        self.runs.insert(id, Run::new(new));
        Ok(Committed::Started { run: id, fresh: true })
    }

    /// Until when a live worker owns the run.
    fn busy(&self, run: &Run, now: SystemTime) -> Option<SystemTime> {
        let until = *self.leases.get(&run.owner?)?;
        (until > now).then_some(until)
    }

    fn claim(&mut self, id: RunId, worker: WorkerId, now: SystemTime) -> Result<Committed, Refused> {
        let run = self.runs.get(&id).ok_or(Refused::UnknownRun)?;
        if run.row.status != RunStatus::Running {
            return Err(Refused::WrongStatus(run.row.status));
        }
        if let Some(until) = self.busy(run, now) {
            return Err(Refused::Busy { until });
        }
        Ok(Committed::Claimed(vec![self.known(id)?.take(worker, now)]))
    }

    fn claim_any(&mut self, worker: WorkerId, fits: impl Fn(&Run) -> bool, now: SystemTime, limit: usize) -> Committed {
        let free = |run: &&Run| run.row.status == RunStatus::Running && fits(run) && self.busy(run, now).is_none();
        let mut free: Vec<_> = self.runs.values().filter(free).map(|run| (run.row.started, run.row.run)).collect();
        free.sort_unstable();
        free.truncate(limit);
        let claims = free.into_iter().filter_map(|(_, id)| Some(self.runs.get_mut(&id)?.take(worker, now)));
        Committed::Claimed(claims.collect())
    }

    fn prune(&mut self, before: SystemTime, failed: bool, limit: usize) -> Committed {
        let over = |status: RunStatus| status.is_final() || failed && status == RunStatus::Failed;
        let rows = self.runs.values().map(|run| &run.row).filter(|row| over(row.status) && row.changed < before);
        let mut old: Vec<_> = rows.map(|row| (row.changed, row.run)).collect();
        old.sort_unstable();
        old.truncate(limit);
        for (_, run) in &old {
            self.runs.remove(run);
        }
        self.keys.retain(|_, run| self.runs.contains_key(run));
        Committed::Pruned(old.len() as u64)
    }

    fn runs(&self, filter: &RunFilter) -> Vec<RunRow> {
        let matches = |row: &&RunRow| {
            filter.workflow.as_ref().is_none_or(|workflow| row.workflow == *workflow)
                && filter.status.is_none_or(|status| row.status == status)
                && filter.before.is_none_or(|before| (row.started, row.run) < before)
        };
        let mut rows: Vec<_> = self.runs.values().map(|run| &run.row).filter(matches).collect();
        rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.started, row.run)));
        let limit = if filter.limit == 0 { usize::MAX } else { filter.limit };
        rows.into_iter().take(limit).cloned().collect()
    }
}

impl Run {
    /// Gives the run to a worker; whoever had it is fenced by the epoch.
    fn take(&mut self, worker: WorkerId, now: SystemTime) -> Claim {
        self.recoveries += u32::from(self.owner.is_some());
        self.owner = Some(worker);
        self.row.epoch += 1;
        self.row.changed = now;
        self.as_claim()
    }

    fn retry(&mut self, worker: WorkerId, now: SystemTime) -> Result<Committed, Refused> {
        if self.row.status != RunStatus::Failed {
            return Err(Refused::WrongStatus(self.row.status));
        }
        self.row.status = RunStatus::Running;
        self.row.error = None;
        self.recoveries = 0;
        self.append(vec![Fact::RunRetried], now);
        Ok(Committed::Claimed(vec![self.take(worker, now)]))
    }
}
