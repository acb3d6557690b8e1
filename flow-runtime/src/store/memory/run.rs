//! One run in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::SystemTime;

use crate::encoded::Encoded;
use crate::event::{Event, Fact};
use crate::run::RunStatus;
use crate::store::refuse::opened_before;
use crate::store::{
    Checkpoint, Claim, Committed, End, Forked, FrameBytes, FrameRow, InboxRow, NewRun, Opening, Refused, RunRow, SuspensionRow,
    TimerRow, Transition, ValueId, WaitsFor, WorkerId, is_at_or_below,
};

#[derive(Debug)]
pub(super) struct Run {
    pub(super) row: RunRow,
    pub(super) owner: Option<WorkerId>,
    /// How many owners died in a row without a transition.
    pub(super) recoveries: u32,
    /// None for a run without.
    checkpoints: Option<Vec<Checkpoint>>,
    frames: BTreeMap<String, Vec<u8>>,
    /// By the path of the frame that wrote them.
    values: BTreeMap<String, BTreeMap<ValueId, Encoded>>,
    events: Vec<Event>,
    inbox: BTreeMap<String, InboxRow>,
    suspensions: BTreeMap<String, Suspension>,
    signals: Vec<Signal>,
    /// The names of signals that were sent.
    requests: BTreeSet<String>,
}

#[derive(Debug)]
struct Signal {
    name: String,
    payload: serde_json::Value,
    /// The place it was given to, until that is left.
    place: Option<String>,
}

/// What became of a suspension. Closed ones are remembered, to tell a late answer what happened.
#[derive(Debug)]
enum Suspension {
    /// With its number in the order of opening.
    Open(usize, SuspensionRow),
    /// By this request, if the answer named itself.
    Answered(Option<String>),
    Withdrawn,
}

impl Run {
    pub(super) fn new(new: NewRun) -> Self {
        let row = RunRow {
            run: new.run,
            workflow: new.workflow,
            fingerprint: new.fingerprint,
            key: new.key,
            status: RunStatus::Running,
            epoch: 1,
            inbox_seq: 0,
            durability: new.durability,
            input: new.input,
            output: None,
            error: None,
            started: new.now,
            changed: new.now,
        };
        let (frames, values, events) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let (inbox, suspensions) = (BTreeMap::new(), BTreeMap::new());
        let mut run = Self {
            row,
            owner: Some(new.worker),
            recoveries: 0,
            checkpoints: new.checkpoints.then(Vec::new),
            frames,
            values,
            events,
            inbox,
            suspensions,
            signals: Vec::new(),
            requests: BTreeSet::new(),
        };
        run.write(new.frame);
        run.append(vec![Fact::RunStarted], new.now);
        if let Some(Forked { of, at, arms, opens }) = new.forked.map(|forked| *forked) {
            arms.into_iter().for_each(|arm| run.write(arm));
            opens.into_iter().for_each(|opening| run.open(opening, new.now));
            run.append(vec![Fact::RunForked { of, at }], new.now);
        }
        run
    }

    /// Numbers facts and keeps them; gives the first number.
    pub(super) fn append(&mut self, facts: Vec<Fact>, now: SystemTime) -> u64 {
        let first = self.events.len() as u64;
        self.events.extend((first..).zip(facts).map(|(seq, fact)| Event { seq, time: now, fact }));
        self.row.changed = now;
        first
    }

    pub(super) fn transition(&mut self, transition: Transition) -> Result<Committed, Refused> {
        let applied = |frame: &FrameRow| self.frames.get(&frame.path) == Some(&frame.bytes);
        if transition.again && transition.frame.as_ref().is_some_and(applied) {
            return Ok(Committed::Written { first: self.events.len() as u64 });
        }
        if let Some(opening) = &transition.opens {
            self.check_opening(opening)?;
        }
        self.recoveries = 0;
        transition.kept_back.left.iter().for_each(|place| self.leave(place));
        transition.kept_back.frames.into_iter().for_each(|frame| self.write(frame));
        // First what is left, then what is written: the arm of a join ends at the very path it leaves.
        if let Some(place) = &transition.left {
            self.leave(place);
        }
        if let Some(frame) = transition.frame {
            self.write(frame);
        }
        if let Some(opening) = transition.opens {
            self.open(opening, transition.now);
        }
        if let Some(end) = transition.end {
            self.end(end);
        }
        let first = self.append(transition.facts, transition.now);
        self.give_signals(transition.now);
        Ok(Committed::Written { first })
    }

    /// A visit is answered once, so the same one never opens again.
    fn check_opening(&self, opening: &Opening) -> Result<(), Refused> {
        if self.suspensions.contains_key(&opening.path) { Err(opened_before(&opening.path)) } else { Ok(()) }
    }

    fn leave(&mut self, place: &str) {
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.push(Checkpoint { path: place.to_owned(), frame: None, values: Vec::new() });
        }
        remove_below(&mut self.frames, place);
        remove_below(&mut self.values, place);
        remove_below(&mut self.inbox, place);
        self.signals.retain(|signal| signal.place.as_deref() != Some(place));
        let back = |signal: &&mut Signal| signal.place.as_ref().is_some_and(|path| is_at_or_below(path, place));
        self.signals.iter_mut().filter(back).for_each(|signal| signal.place = None);
        for path in paths_below(&self.suspensions, place) {
            self.suspensions.entry(path).and_modify(Suspension::withdraw);
        }
    }

    fn write(&mut self, frame: FrameRow) {
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.push(frame.checkpoint());
        }
        for id in &frame.dead {
            self.values.values_mut().for_each(|values| _ = values.remove(id));
        }
        if !frame.values.is_empty() {
            let values = frame.values.into_iter().map(|write| (write.id, write.value));
            self.values.entry(frame.path.clone()).or_default().extend(values);
        }
        self.frames.insert(frame.path, frame.bytes);
    }

    fn open(&mut self, opening: Opening, now: SystemTime) {
        let Opening { path, node, payload, schema, waits_for } = opening;
        let row = SuspensionRow { path: path.clone(), node, payload, schema, since: now, waits_for };
        let number = self.suspensions.len();
        self.suspensions.insert(path, Suspension::Open(number, row));
    }

    fn end(&mut self, end: End) {
        match end {
            End::Completed(output) => {
                self.row.status = RunStatus::Completed;
                self.row.output = Some(output);
                self.clear();
            }
            End::Failed(error) => {
                self.row.status = RunStatus::Failed;
                self.row.error = Some(error);
            }
        }
        self.owner = None;
    }

    /// Deletes what only a run that goes on needs.
    fn clear(&mut self) {
        self.frames.clear();
        self.values.clear();
        self.inbox.clear();
        self.signals.clear();
        self.suspensions.values_mut().for_each(Suspension::withdraw);
    }

    pub(super) fn park(&mut self, inbox_seq: u64, now: SystemTime) -> Committed {
        if self.row.inbox_seq != inbox_seq {
            return Committed::Moved { inbox_seq: self.row.inbox_seq };
        }
        self.row.status = RunStatus::Suspended;
        self.owner = None;
        self.append(vec![Fact::RunSuspended], now);
        Committed::Done
    }

    pub(super) fn resume(
        &mut self,
        path: String,
        payload: serde_json::Value,
        request: Option<String>,
        now: SystemTime,
    ) -> Result<Committed, Refused> {
        if let Some(Suspension::Answered(Some(first))) = self.suspensions.get(&path)
            && request.as_ref() == Some(first)
        {
            return Ok(Committed::Done);
        }
        self.end_wait(&path, payload, request, WaitsFor::takes_an_answer)?;
        self.append(vec![Fact::RunResumed { path }], now);
        Ok(Committed::Done)
    }

    pub(super) fn fire(&mut self, path: String, now: SystemTime) -> Result<Committed, Refused> {
        self.end_wait(&path, WaitsFor::fired(), None, |waits_for| waits_for.due().is_some())?;
        self.append(vec![Fact::TimerFired { path }], now);
        Ok(Committed::Done)
    }

    pub(super) fn signal(
        &mut self,
        name: String,
        payload: serde_json::Value,
        request: Option<String>,
        now: SystemTime,
    ) -> Result<Committed, Refused> {
        if request.as_ref().is_some_and(|request| self.requests.contains(request)) {
            return Ok(Committed::Done);
        }
        if self.row.status.is_final() {
            return Err(Refused::WrongStatus(self.row.status));
        }
        self.requests.extend(request);
        self.signals.push(Signal { name, payload, place: None });
        self.row.changed = now;
        self.give_signals(now);
        Ok(Committed::Done)
    }

    /// Gives the signals that are kept to the places that wait for them: the oldest to the one that waits longest.
    fn give_signals(&mut self, now: SystemTime) {
        if self.signals.iter().all(|signal| signal.place.is_some()) {
            return;
        }
        for row in self.suspensions() {
            let WaitsFor::Signal { name } = row.waits_for else { continue };
            let Some(signal) = self.signals.iter_mut().find(|signal| signal.place.is_none() && signal.name == name) else {
                continue;
            };
            signal.place = Some(row.path.clone());
            let payload = signal.payload.clone();
            if self.end_wait(&row.path, payload, None, |_| true).is_ok() {
                self.append(vec![Fact::SignalReceived { path: row.path, signal: name }], now);
            }
        }
    }

    /// The places that wait for a time.
    pub(super) fn timers(&self) -> Vec<TimerRow> {
        let timer = |row: SuspensionRow| Some(TimerRow { due: row.waits_for.due()?, run: self.row.run, path: row.path });
        self.suspensions().into_iter().filter_map(timer).collect()
    }

    /// Ends a wait, if it is one of these.
    fn end_wait(
        &mut self,
        path: &str,
        payload: serde_json::Value,
        request: Option<String>,
        of: impl Fn(&WaitsFor) -> bool,
    ) -> Result<(), Refused> {
        let suspension = self.suspensions.get_mut(path).ok_or(Refused::NotSuspended)?;
        match suspension {
            Suspension::Answered(_) => return Err(Refused::AlreadyResumed),
            Suspension::Withdrawn => return Err(Refused::Withdrawn),
            Suspension::Open(_, row) if !of(&row.waits_for) => return Err(Refused::NotSuspended),
            Suspension::Open(..) => *suspension = Suspension::Answered(request),
        }
        self.row.inbox_seq += 1;
        self.inbox.insert(path.to_owned(), InboxRow { seq: self.row.inbox_seq, path: path.to_owned(), payload });
        if self.row.status == RunStatus::Suspended {
            self.row.status = RunStatus::Running;
        }
        Ok(())
    }

    pub(super) fn cancel(&mut self, now: SystemTime) -> Result<Committed, Refused> {
        if self.row.status.is_final() {
            return Err(Refused::WrongStatus(self.row.status));
        }
        self.row.status = RunStatus::Cancelled;
        self.row.epoch += 1;
        self.row.error = None;
        self.owner = None;
        self.clear();
        self.append(vec![Fact::RunCancelled], now);
        Ok(Committed::Done)
    }

    pub(super) fn as_claim(&self) -> Claim {
        let RunRow { run, workflow, epoch, inbox_seq, durability, .. } = &self.row;
        let (run, workflow, recoveries) = (*run, workflow.clone(), self.recoveries);
        Claim { run, workflow, epoch: *epoch, inbox_seq: *inbox_seq, recoveries, durability: *durability }
    }

    pub(super) fn checkpoints(&self) -> Vec<Checkpoint> {
        self.checkpoints.clone().unwrap_or_default()
    }

    pub(super) fn frames(&self) -> FrameBytes {
        self.frames.iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    }

    pub(super) fn values(&self) -> Vec<(ValueId, Encoded)> {
        let mut values: Vec<_> = self.values.values().flatten().map(|(id, value)| (*id, value.clone())).collect();
        values.sort_unstable_by_key(|(id, _)| *id);
        values
    }

    pub(super) fn events_from(&self, from: u64) -> Vec<Event> {
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        self.events.get(from..).unwrap_or_default().to_vec()
    }

    pub(super) fn suspensions(&self) -> Vec<SuspensionRow> {
        let mut open: Vec<_> = self.suspensions.values().filter_map(Suspension::open).collect();
        open.sort_unstable_by_key(|(number, _)| *number);
        open.into_iter().map(|(_, row)| row.clone()).collect()
    }

    pub(super) fn inbox(&self) -> Vec<InboxRow> {
        let mut rows: Vec<_> = self.inbox.values().cloned().collect();
        rows.sort_unstable_by_key(|row| row.seq);
        rows
    }
}

impl Suspension {
    fn withdraw(&mut self) {
        if let Self::Open(..) = self {
            *self = Self::Withdrawn;
        }
    }

    fn open(&self) -> Option<(usize, &SuspensionRow)> {
        match self {
            Self::Open(number, row) => Some((*number, row)),
            Self::Answered(_) | Self::Withdrawn => None,
        }
    }
}

/// The paths at a place and below it. A range, so that one arm of ten thousand does not look at the others.
fn paths_below<V>(map: &BTreeMap<String, V>, place: &str) -> Vec<String> {
    // `\` follows `[`: nothing below the place sorts after it.
    let end = format!("{place}\\");
    let range = map.range::<str, _>((Bound::Included(place), Bound::Excluded(end.as_str())));
    range.map(|(path, _)| path).filter(|path| is_at_or_below(path, place)).cloned().collect()
}

fn remove_below<V>(map: &mut BTreeMap<String, V>, place: &str) {
    for path in paths_below(map, place) {
        map.remove(&path);
    }
}
