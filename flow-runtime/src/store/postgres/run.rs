//! One run in a group: what was loaded of it, and what becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::columns::millis;
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Fact;
use crate::run::{Durability, RunId, RunStatus};
use crate::store::refuse::opened_before;
use crate::store::{
    Checkpoint, Claim, Committed, End, Forked, FrameRow, NewRun, Opening, Refused, Transition, ValueId, ValueWrite, WaitsFor,
    WorkerId, is_at_or_below,
};

pub(super) struct Run {
    pub(super) run: RunId,
    pub(super) head: Head,
    /// Whether the head is to be written.
    pub(super) changed: bool,
    /// What a run is begun with.
    pub(super) fresh: Option<Fresh>,
    /// Loaded are those that the group names, and those that wait for a signal.
    pub(super) suspensions: BTreeMap<String, Suspension>,
    /// All it has, in their order.
    pub(super) signals: Vec<Signal>,
    /// The machines whose frame stands there already as the group is to write it.
    pub(super) applied: BTreeSet<String>,
    pub(super) writes: Writes,
}

/// The small columns of a run.
pub(super) struct Head {
    pub(super) workflow: String,
    pub(super) status: RunStatus,
    pub(super) epoch: u64,
    pub(super) owner: Option<WorkerId>,
    pub(super) seq: u64,
    pub(super) inbox_seq: u64,
    pub(super) opened: u64,
    pub(super) signalled: u64,
    pub(super) recoveries: i32,
    pub(super) durability: Durability,
    /// The number of the next checkpoint, if it keeps them.
    pub(super) checkpoints: Option<i64>,
    pub(super) error: Option<Error>,
    pub(super) changed: i64,
}

pub(super) struct Fresh {
    pub(super) fingerprint: u64,
    pub(super) key: Option<String>,
    pub(super) input: Encoded,
    pub(super) started: i64,
}

/// What is written besides the head. First is deleted what was left, then the rest is written: what was written and then left
/// again in one group is taken out here.
#[derive(Default)]
pub(super) struct Writes {
    pub(super) left: BTreeSet<String>,
    /// Everything was left.
    pub(super) cleared: bool,
    pub(super) dead: BTreeSet<ValueId>,
    pub(super) frames: BTreeMap<String, Frame>,
    /// With the path of the frame that wrote them.
    pub(super) values: BTreeMap<ValueId, (String, Encoded)>,
    /// The number and the payload.
    pub(super) inbox: BTreeMap<String, (u64, String)>,
    pub(super) events: Vec<Facts>,
    /// With their numbers.
    pub(super) checkpoints: Vec<(i64, Checkpoint)>,
    /// The names of signals.
    pub(super) requests: Vec<String>,
    pub(super) output: Option<Encoded>,
}

pub(super) struct Frame {
    pub(super) place: String,
    pub(super) bytes: Vec<u8>,
}

/// The facts of one record.
pub(super) struct Facts {
    pub(super) first: u64,
    pub(super) facts: Vec<Fact>,
    pub(super) time: i64,
}

pub(super) struct Suspension {
    pub(super) number: u64,
    pub(super) state: State,
    pub(super) waits_for: WaitsFor,
    /// None for one that was there before this group.
    pub(super) fresh: Option<Shown>,
    /// Answered by this group.
    pub(super) answered: bool,
    /// What answered it, if the answer named itself.
    pub(super) request: Option<String>,
}

/// What a suspension opens with.
pub(super) struct Shown {
    pub(super) node: String,
    /// As JSON.
    pub(super) payload: String,
    /// As JSON.
    pub(super) schema: String,
    pub(super) since: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Answered,
    Withdrawn,
}

pub(super) struct Signal {
    pub(super) seq: u64,
    pub(super) name: String,
    /// As JSON.
    pub(super) payload: String,
    /// The place it was given to, until that is left.
    pub(super) place: Option<String>,
    /// It was there before this group.
    pub(super) stored: bool,
    /// This group gave it to a place, or took it back.
    pub(super) moved: bool,
    /// A place took it with it.
    pub(super) taken: bool,
}

impl Run {
    pub(super) fn loaded(run: RunId, head: Head) -> Self {
        let (suspensions, signals, applied, writes) = Default::default();
        Self { run, head, changed: false, fresh: None, suspensions, signals, applied, writes }
    }

    pub(super) fn start(new: NewRun) -> Self {
        let NewRun { run, workflow, fingerprint, key, input, durability, checkpoints, forked, frame, worker, now } = new;
        let head = Head {
            workflow,
            status: RunStatus::Running,
            epoch: 1,
            owner: Some(worker),
            seq: 0,
            inbox_seq: 0,
            opened: 0,
            signalled: 0,
            recoveries: 0,
            durability,
            checkpoints: checkpoints.then_some(0),
            error: None,
            changed: millis(now),
        };
        let mut started = Self::loaded(run, head);
        started.fresh = Some(Fresh { fingerprint, key, input, started: millis(now) });
        started.write(frame);
        started.append(vec![Fact::RunStarted], now);
        if let Some(Forked { of, at, arms, opens }) = forked.map(|forked| *forked) {
            arms.into_iter().for_each(|arm| started.write(arm));
            opens.into_iter().for_each(|opening| started.open(opening, now));
            started.append(vec![Fact::RunForked { of, at }], now);
        }
        started
    }

    /// Numbers facts and keeps them; gives the first number.
    pub(super) fn append(&mut self, facts: Vec<Fact>, now: SystemTime) -> u64 {
        let first = self.head.seq;
        self.head.seq += facts.len() as u64;
        if !facts.is_empty() {
            self.writes.events.push(Facts { first, facts, time: millis(now) });
        }
        self.touch(now);
        first
    }

    pub(super) fn touch(&mut self, now: SystemTime) {
        self.head.changed = millis(now);
        self.changed = true;
    }

    pub(super) fn transition(&mut self, transition: Transition) -> Result<Committed, Refused> {
        let Transition { kept_back, frame, left, opens, end, facts, now, again, .. } = transition;
        if again && frame.as_ref().is_some_and(|frame| self.is_written(frame)) {
            return Ok(Committed::Written { first: self.head.seq });
        }
        // A visit is answered once, so the same one never opens again.
        if let Some(opening) = opens.as_ref().filter(|opening| self.suspensions.contains_key(&opening.path)) {
            return Err(opened_before(&opening.path));
        }
        self.head.recoveries = 0;
        kept_back.left.into_iter().for_each(|place| self.leave(place));
        kept_back.frames.into_iter().for_each(|frame| self.write(frame));
        // First what is left, then what is written: the arm of a join ends at the very path it leaves.
        if let Some(place) = left {
            self.leave(place);
        }
        if let Some(frame) = frame {
            self.write(frame);
        }
        if let Some(opening) = opens {
            self.open(opening, now);
        }
        if let Some(end) = end {
            self.end(end);
        }
        let first = self.append(facts, now);
        self.give_signals(now);
        Ok(Committed::Written { first })
    }

    fn leave(&mut self, place: String) {
        self.keep(|| Checkpoint { path: place.clone(), frame: None, values: Vec::new() });
        let stays = |path: &str| !is_at_or_below(path, &place);
        self.writes.frames.retain(|path, _| stays(path));
        self.writes.values.retain(|_, (path, _)| stays(path));
        self.writes.inbox.retain(|path, _| stays(path));
        for (path, suspension) in &mut self.suspensions {
            if !stays(path) {
                suspension.withdraw();
            }
        }
        for signal in &mut self.signals {
            match &signal.place {
                Some(path) if *path == place => signal.taken = true,
                Some(path) if !stays(path) => signal.give(None),
                _ => {}
            }
        }
        self.writes.left.insert(place);
    }

    /// Whether a frame stands there as it is, by this group or before it.
    fn is_written(&self, frame: &FrameRow) -> bool {
        match self.writes.frames.get(&frame.path) {
            Some(written) => written.bytes == frame.bytes,
            None => self.applied.contains(&frame.path),
        }
    }

    fn keep(&mut self, checkpoint: impl FnOnce() -> Checkpoint) {
        if let Some(next) = &mut self.head.checkpoints {
            self.writes.checkpoints.push((*next, checkpoint()));
            *next += 1;
        }
    }

    fn write(&mut self, frame: FrameRow) {
        self.keep(|| frame.checkpoint());
        let FrameRow { path, place, bytes, values, dead } = frame;
        for id in dead {
            self.writes.values.remove(&id);
            self.writes.dead.insert(id);
        }
        for ValueWrite { id, value } in values {
            self.writes.values.insert(id, (path.clone(), value));
        }
        self.writes.frames.insert(path, Frame { place, bytes });
    }

    fn open(&mut self, opening: Opening, now: SystemTime) {
        let Opening { path, node, payload, schema, waits_for } = opening;
        let fresh = Some(Shown { node, payload: payload.to_string(), schema: schema.to_string(), since: millis(now) });
        self.head.opened += 1;
        let suspension =
            Suspension { number: self.head.opened, state: State::Open, waits_for, fresh, answered: false, request: None };
        self.suspensions.insert(path, suspension);
    }

    fn end(&mut self, end: End) {
        match end {
            End::Completed(output) => {
                self.head.status = RunStatus::Completed;
                self.clear();
                self.writes.output = Some(output);
            }
            End::Failed(error) => {
                self.head.status = RunStatus::Failed;
                self.head.error = Some(error);
            }
        }
        self.head.owner = None;
    }

    /// Deletes what only a run that goes on needs.
    fn clear(&mut self) {
        let Writes { events, requests, checkpoints, .. } = std::mem::take(&mut self.writes);
        self.writes = Writes { cleared: true, events, requests, checkpoints, ..Writes::default() };
        self.suspensions.values_mut().for_each(Suspension::withdraw);
        self.signals.clear();
    }

    pub(super) fn park(&mut self, inbox_seq: u64, now: SystemTime) -> Committed {
        if self.head.inbox_seq != inbox_seq {
            return Committed::Moved { inbox_seq: self.head.inbox_seq };
        }
        self.head.status = RunStatus::Suspended;
        self.head.owner = None;
        self.append(vec![Fact::RunSuspended], now);
        Committed::Done
    }

    pub(super) fn resume(
        &mut self,
        path: String,
        payload: &serde_json::Value,
        request: Option<String>,
        now: SystemTime,
    ) -> Result<Committed, Refused> {
        let first = self.suspensions.get(&path).filter(|suspension| suspension.state == State::Answered);
        if request.is_some() && first.is_some_and(|first| first.request == request) {
            return Ok(Committed::Done);
        }
        self.end_wait(&path, payload.to_string(), WaitsFor::takes_an_answer)?;
        if let Some(suspension) = self.suspensions.get_mut(&path) {
            suspension.request = request;
        }
        self.append(vec![Fact::RunResumed { path }], now);
        Ok(Committed::Done)
    }

    pub(super) fn fire(&mut self, path: String, now: SystemTime) -> Result<Committed, Refused> {
        self.end_wait(&path, WaitsFor::fired().to_string(), |waits_for| waits_for.due().is_some())?;
        self.append(vec![Fact::TimerFired { path }], now);
        Ok(Committed::Done)
    }

    pub(super) fn signal(&mut self, name: String, payload: &serde_json::Value, now: SystemTime) -> Result<Committed, Refused> {
        if self.head.status.is_final() {
            return Err(Refused::WrongStatus(self.head.status));
        }
        self.head.signalled += 1;
        let (seq, payload) = (self.head.signalled, payload.to_string());
        self.signals.push(Signal { seq, name, payload, place: None, stored: false, moved: false, taken: false });
        self.touch(now);
        self.give_signals(now);
        Ok(Committed::Done)
    }

    /// Gives the signals that are kept to the places that wait for them: the oldest to the one that waits longest.
    fn give_signals(&mut self, now: SystemTime) {
        if self.signals.iter().all(|signal| !signal.is_kept()) {
            return;
        }
        for (path, name) in self.signal_waits() {
            let kept = self.signals.iter_mut().find(|signal| signal.is_kept() && signal.name == name);
            let Some(signal) = kept else { continue };
            signal.give(Some(path.clone()));
            let payload = signal.payload.clone();
            if self.end_wait(&path, payload, |_| true).is_ok() {
                self.append(vec![Fact::SignalReceived { path, signal: name }], now);
            }
        }
    }

    /// The places that wait for signals, with the names, the one that opened first before the others.
    fn signal_waits(&self) -> Vec<(String, String)> {
        let open = self.suspensions.iter().filter(|(_, suspension)| suspension.state == State::Open);
        let mut waits: Vec<_> = open
            .filter_map(|(path, suspension)| match &suspension.waits_for {
                WaitsFor::Signal { name } => Some((suspension.number, path.clone(), name.clone())),
                _ => None,
            })
            .collect();
        waits.sort_unstable();
        waits.into_iter().map(|(_, path, name)| (path, name)).collect()
    }

    /// Ends a wait, if it is one of these.
    fn end_wait(&mut self, path: &str, payload: String, of: impl Fn(&WaitsFor) -> bool) -> Result<(), Refused> {
        let suspension = self.suspensions.get_mut(path).ok_or(Refused::NotSuspended)?;
        match suspension.state {
            State::Answered => return Err(Refused::AlreadyResumed),
            State::Withdrawn => return Err(Refused::Withdrawn),
            State::Open if !of(&suspension.waits_for) => return Err(Refused::NotSuspended),
            State::Open => suspension.state = State::Answered,
        }
        suspension.answered = true;
        self.head.inbox_seq += 1;
        self.writes.inbox.insert(path.to_owned(), (self.head.inbox_seq, payload));
        // A failed run stays failed: its answer waits until it is retried.
        if self.head.status == RunStatus::Suspended {
            self.head.status = RunStatus::Running;
        }
        Ok(())
    }

    pub(super) fn cancel(&mut self, now: SystemTime) -> Result<Committed, Refused> {
        if self.head.status.is_final() {
            return Err(Refused::WrongStatus(self.head.status));
        }
        self.head.status = RunStatus::Cancelled;
        self.head.epoch += 1;
        self.head.error = None;
        self.head.owner = None;
        self.clear();
        self.append(vec![Fact::RunCancelled], now);
        Ok(Committed::Done)
    }

    /// Gives the run to a worker; whoever had it is fenced by the epoch.
    pub(super) fn take(&mut self, worker: WorkerId, now: SystemTime) -> Claim {
        self.head.recoveries += i32::from(self.head.owner.is_some());
        self.head.owner = Some(worker);
        self.head.epoch += 1;
        self.touch(now);
        let Head { workflow, epoch, inbox_seq, recoveries, durability, .. } = &self.head;
        let (epoch, inbox_seq, recoveries, durability) = (*epoch, *inbox_seq, recoveries.cast_unsigned(), *durability);
        Claim { run: self.run, workflow: workflow.clone(), epoch, inbox_seq, recoveries, durability }
    }
}

impl Head {
    /// When it changed last, if it is over.
    pub(super) fn ended(&self) -> Option<i64> {
        let over = self.status.is_final() || self.status == RunStatus::Failed;
        over.then_some(self.changed)
    }
}

impl Suspension {
    fn withdraw(&mut self) {
        if self.state == State::Open {
            self.state = State::Withdrawn;
        }
    }
}

impl Signal {
    fn is_kept(&self) -> bool {
        self.place.is_none() && !self.taken
    }

    fn give(&mut self, place: Option<String>) {
        self.place = place;
        self.moved = true;
    }
}
