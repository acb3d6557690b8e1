//! What records do, judged on what was loaded for them: nothing is written before every record has its answer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::SystemTime;

use super::columns::millis;
use super::run::Run;
use crate::event::Fact;
use crate::run::{RunId, RunStatus};
use crate::store::refuse::exists_already;
use crate::store::{Claim, Committed, NewRun, Record, Refused, WorkerId};

/// The runs that a group of records names, as far as the records need them.
#[derive(Default)]
pub(super) struct Group {
    pub(super) runs: BTreeMap<RunId, Run>,
    /// The runs with the keys that the group starts.
    pub(super) keys: HashMap<String, Keyed>,
    /// The leases that have not run out.
    pub(super) leases: HashMap<WorkerId, SystemTime>,
    /// The leases of this group.
    pub(super) announced: BTreeMap<WorkerId, SystemTime>,
    /// The signals of the group that were sent before.
    pub(super) sent: HashSet<(RunId, String)>,
    /// The runs that a `ClaimAny` or a `Prune` found, in their order.
    pub(super) found: Vec<RunId>,
    pub(super) released: Option<WorkerId>,
    pub(super) pruned: Vec<RunId>,
}

/// A run that has a key.
pub(super) struct Keyed {
    pub(super) run: RunId,
    pub(super) workflow: String,
    pub(super) input: Vec<u8>,
}

type Answer = Result<Committed, Refused>;

impl Group {
    pub(super) fn apply(&mut self, record: Record) -> Answer {
        match record {
            Record::Lease { worker, until } => {
                self.announced.insert(worker, until);
                Ok(Committed::Done)
            }
            Record::Release { worker } => {
                self.released = Some(worker);
                Ok(Committed::Done)
            }
            Record::Start(new) => self.start(*new),
            Record::Claim { run, worker, now } => self.claim(run, worker, now).map(|claim| Committed::Claimed(vec![claim])),
            Record::ClaimAny { worker, now, .. } => Ok(self.claim_free(worker, now)),
            Record::Transition(transition) => self.held(transition.run, transition.epoch)?.transition(*transition),
            Record::Note { run, epoch, facts, now } => {
                let first = self.held(run, epoch)?.append(facts, now);
                Ok(Committed::Written { first })
            }
            Record::Park { run, epoch, inbox_seq, now } => Ok(self.held(run, epoch)?.park(inbox_seq, now)),
            Record::Resume { run, path, payload, request, now } => self.known(run)?.resume(path, &payload, request, now),
            Record::Fire { run, path, now } => self.known(run)?.fire(path, now),
            Record::Signal { run, name, payload, request, now } => self.signal(run, name, &payload, request, now),
            Record::Cancel { run, now } => self.known(run)?.cancel(now),
            Record::Retry { run, worker, now } => self.retry(run, worker, now),
            Record::Prune { before, failed, .. } => Ok(self.prune(millis(before), failed)),
        }
    }

    fn known(&mut self, run: RunId) -> Result<&mut Run, Refused> {
        self.runs.get_mut(&run).ok_or(Refused::UnknownRun)
    }

    /// The run, if its holder may still write.
    fn held(&mut self, run: RunId, epoch: u64) -> Result<&mut Run, Refused> {
        let run = self.known(run)?;
        if run.head.epoch == epoch && run.head.status == RunStatus::Running { Ok(run) } else { Err(Refused::Fenced) }
    }

    fn start(&mut self, new: NewRun) -> Answer {
        let run = new.run;
        if let Some(found) = new.key.as_ref().and_then(|key| self.keys.get(key)) {
            if found.workflow == new.workflow && found.input == new.input.as_bytes() {
                return Ok(Committed::Started { run: found.run, fresh: false });
            }
            return Err(Refused::KeyConflict { run: found.run, workflow: found.workflow.clone() });
        }
        if self.runs.contains_key(&run) {
            return Err(exists_already(run));
        }
        if let Some(key) = &new.key {
            let keyed = Keyed { run, workflow: new.workflow.clone(), input: new.input.as_bytes().to_vec() };
            self.keys.insert(key.clone(), keyed);
        }
        self.runs.insert(run, Run::start(new));
        Ok(Committed::Started { run, fresh: true })
    }

    fn claim(&mut self, run: RunId, worker: WorkerId, now: SystemTime) -> Result<Claim, Refused> {
        let head = &self.known(run)?.head;
        let (status, owner) = (head.status, head.owner);
        if status != RunStatus::Running {
            return Err(Refused::WrongStatus(status));
        }
        let lease = owner.and_then(|owner| self.announced.get(&owner).or_else(|| self.leases.get(&owner)));
        if let Some(until) = lease.copied().filter(|until| *until > now) {
            return Err(Refused::Busy { until });
        }
        Ok(self.known(run)?.take(worker, now))
    }

    /// Judged once more, now that nobody else can write them: they may have been taken meanwhile.
    fn claim_free(&mut self, worker: WorkerId, now: SystemTime) -> Committed {
        let found = std::mem::take(&mut self.found);
        Committed::Claimed(found.into_iter().filter_map(|run| self.claim(run, worker, now).ok()).collect())
    }

    fn prune(&mut self, before: i64, failed: bool) -> Committed {
        let over = |run: &&RunId| {
            let head = self.runs.get(run).map(|run| &run.head);
            head.is_some_and(|head| {
                head.changed < before && (head.status.is_final() || failed && head.status == RunStatus::Failed)
            })
        };
        self.pruned = self.found.iter().filter(over).copied().collect();
        Committed::Pruned(self.pruned.len() as u64)
    }

    fn signal(
        &mut self,
        run: RunId,
        name: String,
        payload: &serde_json::Value,
        request: Option<String>,
        now: SystemTime,
    ) -> Answer {
        self.known(run)?;
        let request = request.map(|request| (run, request));
        if request.as_ref().is_some_and(|request| self.sent.contains(request)) {
            return Ok(Committed::Done);
        }
        let signalled = self.known(run)?;
        let answer = signalled.signal(name, payload, now)?;
        if let Some(request) = request {
            signalled.writes.requests.push(request.1.clone());
            self.sent.insert(request);
        }
        Ok(answer)
    }

    fn retry(&mut self, run: RunId, worker: WorkerId, now: SystemTime) -> Answer {
        let run = self.known(run)?;
        if run.head.status != RunStatus::Failed {
            return Err(Refused::WrongStatus(run.head.status));
        }
        run.head.status = RunStatus::Running;
        run.head.error = None;
        run.head.recoveries = 0;
        run.append(vec![Fact::RunRetried], now);
        Ok(Committed::Claimed(vec![run.take(worker, now)]))
    }
}
