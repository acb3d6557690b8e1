//! A run while a process drives it: what it answers to generated code, and how it learns of answers.

mod commit;
mod fence;
mod inbox;
mod kept_back;
mod load;
mod root;
mod turns;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::time::SystemTime;

use futures::FutureExt;
use futures::future::{BoxFuture, pending, ready};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

pub(crate) use self::commit::{AGAIN, Committer, Lost, Own};
use self::inbox::Inbox;
use self::kept_back::Moves;
pub(crate) use self::load::{Loaded, load, own_place};
pub(crate) use self::root::root;
use self::turns::Signal;
pub(crate) use self::turns::{Rest, Turn, Turns, drive_to_rest, panicked};
use crate::clock::Clock;
use crate::context::{Answer, Busy, Change, Host, Scope};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Fact;
use crate::node::Data;
use crate::run::{Durability, RunId};
use crate::runtime::timers::Timers;
use crate::snapshot::Frame;
use crate::step::Shared;
use crate::store::{Committed, End, KeptBack, Opening, Record, Transition, ValueId, WaitsFor, is_at_or_below};
use crate::workflow::Definition;

/// Something a step showed to whoever watches. It is not stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    /// The run.
    pub run: RunId,
    /// The place, with a visit on every segment.
    pub path: String,
    /// What was shown.
    pub delta: serde_json::Value,
}

/// How a run is to be driven.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) value_limit: usize,
    pub(crate) reloads: bool,
    pub(crate) shared: Arc<Shared>,
    pub(crate) clock: Clock,
}

/// What others see of a live run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// How often it was written.
    pub(crate) commits: u64,
    /// Every place waits, with all answers up to this number taken.
    pub(crate) quiet: Option<u64>,
}

/// A run that is driven here.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) run: RunId,
    pub(crate) workflow: &'static str,
    pub(crate) epoch: u64,
    committer: Committer,
    rules: Rules,
    busy: Arc<AtomicUsize>,
    frames: Mutex<HashMap<String, Frame>>,
    inbox: Inbox,
    next_value: AtomicU64,
    /// The suspensions that stand open in the store; known only where a snapshot was put into it.
    opened: Option<Mutex<HashSet<String>>>,
    signal: Arc<Signal>,
    seen: watch::Sender<Seen>,
    /// Set when the run cannot go on here; the driver then drops it.
    lost: OnceLock<Lost>,
    /// The run was cancelled or taken away: stop at once.
    pub(crate) stop: CancellationToken,
    /// Park as soon as possible.
    pub(crate) closing: CancellationToken,
    /// When what it does is written.
    durability: Durability,
    kept_back: Mutex<Moves>,
    /// Held while what was kept back is written: a record that the store takes only at its second try must not follow a later one.
    writing: tokio::sync::Mutex<()>,
    /// The places that wait in the store; known only where it matters, for a run that keeps back.
    waits: Mutex<HashSet<String>>,
    /// Whether a machine has moved since this process has the run.
    moved: AtomicBool,
    deltas: broadcast::Sender<Delta>,
    /// Told when a timer was set.
    timers: Option<Arc<Timers>>,
}

/// Which run a process begins to drive.
#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) run: RunId,
    pub(crate) workflow: &'static str,
    pub(crate) epoch: u64,
    pub(crate) inbox_seq: u64,
    pub(crate) durability: Durability,
}

impl Live {
    pub(crate) fn new(holding: &Holding, committer: Committer, rules: Rules, deltas: broadcast::Sender<Delta>) -> Self {
        let Holding { run, workflow, epoch, inbox_seq, durability } = *holding;
        Self {
            run,
            workflow,
            epoch,
            committer,
            rules,
            busy: Arc::default(),
            durability,
            kept_back: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            waits: Mutex::default(),
            moved: AtomicBool::new(false),
            frames: Mutex::default(),
            inbox: Inbox::new(inbox_seq),
            next_value: AtomicU64::new(1),
            opened: None,
            signal: Arc::default(),
            seen: watch::Sender::default(),
            lost: OnceLock::new(),
            stop: CancellationToken::new(),
            closing: CancellationToken::new(),
            deltas,
            timers: None,
        }
    }

    /// Where the run's own machine is.
    pub(crate) fn scope<W: Definition>(self: &Arc<Self>) -> Scope {
        Scope::of::<W>(Some(Arc::clone(self) as _), self.workflow.to_owned())
    }

    /// Says when a timer was set.
    pub(crate) fn with_timers(mut self, timers: &Arc<Timers>) -> Self {
        self.timers = Some(Arc::clone(timers));
        self
    }

    /// For a run that goes on from a snapshot: these of its suspensions are open already.
    pub(crate) fn with_opened(mut self, opened: HashSet<String>) -> Self {
        self.opened = Some(Mutex::new(opened));
        self
    }

    /// Takes over what was stored of the run, but for its own machine, which it gives back.
    pub(crate) fn take_in(&self, mut loaded: Loaded) -> Option<Frame> {
        self.next_value.fetch_max(loaded.next_value, Ordering::Relaxed);
        let own = loaded.frames.remove(self.workflow);
        lock(&self.frames).extend(loaded.frames);
        // Answers may have come before anybody drove the run.
        self.hurry();
        own
    }

    /// For a run that is taken up: these of its places wait.
    pub(crate) fn wait_at(&self, open: impl IntoIterator<Item = String>) {
        lock(&self.waits).extend(open);
    }

    /// Whether it is to be told which places wait.
    pub(crate) fn may_keep_back(&self) -> bool {
        self.durability == Durability::Suspend
    }

    /// Values up to this id are taken.
    pub(crate) fn values_from(&self, next: ValueId) {
        self.next_value.fetch_max(next, Ordering::Relaxed);
    }

    /// An answer may have come: look.
    pub(crate) fn hurry(&self) {
        self.signal.dirty.store(true, Ordering::SeqCst);
        self.signal.task.wake();
    }

    /// The store has answers up to this number.
    pub(crate) fn tell(&self, inbox_seq: u64) {
        if self.inbox.tell(inbox_seq) {
            self.hurry();
        }
    }

    /// Whether the store has answers beyond what was read; they are looked for then.
    pub(crate) fn is_behind(&self, inbox_seq: u64) -> bool {
        let behind = self.inbox.tell(inbox_seq);
        if behind {
            self.hurry();
        }
        behind
    }

    /// Whether an answer came that was not looked at.
    pub(crate) fn is_dirty(&self) -> bool {
        self.signal.dirty.load(Ordering::SeqCst)
    }

    /// Parks the run as soon as everything waits; drops it if something does not.
    pub(crate) fn close(&self) {
        self.closing.cancel();
        self.signal.task.wake();
    }

    /// What others see of it, and when that changes.
    pub(crate) fn seen(&self) -> watch::Receiver<Seen> {
        self.seen.subscribe()
    }

    fn show_quiet(&self, quiet: Option<u64>) {
        self.seen.send_if_modified(|seen| std::mem::replace(&mut seen.quiet, quiet) != quiet);
    }

    /// Writes a record; says so to whoever watches.
    async fn write(&self, record: Record) -> Result<Committed, Lost> {
        self.written(commit::write(&self.committer, record)).await
    }

    async fn written(&self, ack: BoxFuture<'_, Result<Committed, Lost>>) -> Result<Committed, Lost> {
        let committed = ack.await?;
        self.seen.send_modify(|seen| seen.commits += 1);
        Ok(committed)
    }

    /// A write that workflow code waits for. When the run is lost it never resolves: the workflow must not take that
    /// for an error of its own. The driver sees the loss and drops it.
    async fn kept(&self, ack: BoxFuture<'_, Result<Committed, Lost>>) {
        if let Err(lost) = self.written(ack).await {
            let _ = self.lost.set(lost);
            pending::<()>().await;
        }
    }

    pub(crate) fn has_moved(&self) -> bool {
        self.moved.load(Ordering::Relaxed)
    }

    /// Whether a move is to be kept back. Not while a place of the run waits: until the store knows that it was left, it would take
    /// an answer for it that nobody reads.
    fn keeps_back(&self, left: Option<&str>, opens: Option<&Opening>) -> bool {
        if self.durability == Durability::Transition {
            return false;
        }
        let mut waits = lock(&self.waits);
        let quiet = waits.is_empty() && opens.is_none() && !lock(&self.kept_back).is_full();
        waits.retain(|path| left.is_none_or(|left| !is_at_or_below(path, left)));
        waits.extend(opens.map(|opening| opening.path.clone()));
        quiet
    }

    /// Writes a transition, and with it what was kept back.
    fn put(&self, mut transition: Transition) -> BoxFuture<'_, Result<Committed, Lost>> {
        if self.durability == Durability::Transition {
            return commit::write(&self.committer, Record::Transition(Box::new(transition)));
        }
        async move {
            let _alone = self.writing.lock().await;
            lock(&self.kept_back).give(&mut transition);
            commit::write(&self.committer, Record::Transition(Box::new(transition))).await
        }
        .boxed()
    }

    /// Writes what was kept back.
    async fn flush(&self) -> Result<(), Lost> {
        if lock(&self.kept_back).is_empty() {
            return Ok(());
        }
        self.written(self.put(self.transition(Vec::new()))).await.map(drop)
    }

    fn transition(&self, facts: Vec<Fact>) -> Transition {
        let (run, epoch) = (self.run, self.epoch);
        Transition {
            run,
            epoch,
            frame: None,
            left: None,
            opens: None,
            end: None,
            facts,
            now: self.now(),
            again: false,
            kept_back: KeptBack::default(),
        }
    }

    /// Writes that the run has ended with an error.
    async fn fail(&self, error: Error) -> Result<Committed, Lost> {
        let facts = vec![Fact::RunFailed { error: error.clone() }];
        let failed = Transition { end: Some(End::Failed(error)), ..self.transition(facts) };
        self.written(self.put(failed)).await
    }

    /// The output of the run as it is stored.
    fn output<T: Data>(&self, output: &T) -> Result<Encoded, Error> {
        let output = Encoded::of(output).map_err(|error| crate::machine::cannot_store("output", &error))?;
        let (bytes, limit) = (output.as_bytes().len(), self.rules.value_limit);
        if bytes > limit { Err(crate::machine::too_large("output", bytes, limit)) } else { Ok(output) }
    }
}

impl Host for Live {
    fn run(&self) -> RunId {
        self.run
    }

    fn frame(&self, path: &str) -> Option<Frame> {
        lock(&self.frames).remove(path)
    }

    fn place(&self, path: &str) -> Option<String> {
        lock(&self.frames).get(path).map(|frame| frame.place.clone())
    }

    fn below(&self, place: &str) -> Vec<String> {
        below(lock(&self.frames).keys(), place)
    }

    fn commit(&self, change: Change) -> BoxFuture<'_, Result<(), Error>> {
        let Change { path, frame, left, opens, facts } = change;
        let frame = match frame.into_row(path) {
            Ok(row) => row,
            Err(error) => return ready(Err(error)).boxed(),
        };
        if let (Some(opened), Some(opening)) = (&self.opened, &opens) {
            lock(opened).insert(opening.path.clone());
        }
        if self.keeps_back(left.as_deref(), opens.as_ref()) {
            lock(&self.kept_back).add(left, frame, facts);
            return ready(Ok(())).boxed();
        }
        let waits_for = opens.as_ref().map(|opening| opening.waits_for.clone());
        let ack = self.put(Transition { frame: Some(frame), left, opens, ..self.transition(facts) });
        async move {
            self.kept(ack).await;
            self.moved.store(true, Ordering::Relaxed);
            if let Some((due, timers)) = waits_for.as_ref().and_then(WaitsFor::due).zip(self.timers.as_ref()) {
                timers.set(due);
            }
            if let Some(WaitsFor::Signal { .. }) = waits_for {
                // One that came early lies in the inbox now.
                self.hurry();
            }
            Ok(())
        }
        .boxed()
    }

    fn wait(&self, path: String) -> BoxFuture<'_, Answer> {
        self.inbox.wait(path).boxed()
    }

    fn reopen(&self, path: &str, opening: &dyn Fn() -> Opening) {
        let Some(opened) = &self.opened else { return };
        if lock(opened).insert(path.to_owned()) {
            let transition = Transition { opens: Some(opening()), ..self.transition(Vec::new()) };
            self.committer.send(Record::Transition(Box::new(transition)));
        }
    }

    fn note(&self, fact: Fact) {
        if self.durability == Durability::Suspend {
            return lock(&self.kept_back).note(fact);
        }
        self.committer.send(Record::Note { run: self.run, epoch: self.epoch, facts: vec![fact], now: self.now() });
    }

    fn busy(&self) -> Busy {
        Busy::new(&self.busy)
    }

    fn new_value(&self) -> ValueId {
        self.next_value.fetch_add(1, Ordering::Relaxed)
    }

    fn value_limit(&self) -> usize {
        self.rules.value_limit
    }

    fn reloads(&self) -> bool {
        self.rules.reloads
    }

    fn shared(&self) -> &Shared {
        &self.rules.shared
    }

    fn cancelled(&self) -> &CancellationToken {
        &self.stop
    }

    fn now(&self) -> SystemTime {
        self.rules.clock.now()
    }

    fn emit(&self, path: &str, delta: serde_json::Value) {
        // Nobody may be watching.
        let _ = self.deltas.send(Delta { run: self.run, path: path.to_owned(), delta });
    }
}

/// What paths begin with behind the path of a place.
pub(crate) fn below<'a>(paths: impl Iterator<Item = &'a String>, place: &str) -> Vec<String> {
    let below = paths.filter_map(|path| path.strip_prefix(place));
    below.filter(|rest| rest.starts_with(['/', '['])).map(str::to_owned).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Live {
    /// The waker of the run's code: it also tells that something was woken.
    fn waker(&self) -> Waker {
        Waker::from(Arc::clone(&self.signal))
    }
}
