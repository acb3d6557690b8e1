//! What a runtime is whatever app its workflows run on: the runs that are driven here, and the calls on runs.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures::future::BoxFuture;
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::looker::Look;
use super::refusal::refused;
use super::timers::Timers;
use crate::clock::{self, Clock};
use crate::encoded::EncodeError;
use crate::error::{Error, ErrorKind};
use crate::event::Fact;
use crate::live::{Committer, Delta, Holding, Live, Lost, Rest, Rules, drive_to_rest, load, own_place};
use crate::run::{RunId, RunStatus};
use crate::snapshot::{Frame, Snapshot};
use crate::store::{Batcher, Claim, Committed, History, Record, Refused, RunRow, SuspensionRow, WaitsFor, WorkerId};

/// The code of a run, ready to be polled.
pub(super) type Root = BoxFuture<'static, Result<(), Error>>;
/// Makes the code of a run from its own stored frame.
pub(super) type Open = Box<dyn Fn(&Arc<Live>, &Frame) -> Result<Root, Error> + Send + Sync>;

/// Makes the code of a run from its input.
pub(super) type Fresh = Box<dyn FnOnce(&Arc<Live>) -> Root + Send>;

/// A registered workflow, its types erased.
pub(super) struct Registered {
    pub(super) name: &'static str,
    pub(super) open: Open,
    pub(super) look: Look,
    pub(super) check: fn(&str, &serde_json::Value) -> Option<Result<(), String>>,
}

#[derive(Debug)]
pub(super) struct Settings {
    pub(super) linger: Duration,
    pub(super) lease: Duration,
    /// How long a run that is over is kept.
    pub(super) retention: Option<Duration>,
    /// How often in a row a run is taken up whose process died.
    pub(super) recoveries: u32,
    /// Whether new runs keep checkpoints.
    pub(super) checkpoints: bool,
    pub(super) rules: Rules,
}

pub(crate) struct Core {
    pub(super) worker: WorkerId,
    pub(super) batcher: Batcher,
    pub(super) workflows: BTreeMap<&'static str, Registered>,
    pub(super) settings: Settings,
    pub(super) lives: Mutex<HashMap<RunId, Arc<Live>>>,
    /// Told whenever a run is not driven here any more.
    pub(super) retired: Notify,
    /// Nothing new is driven here.
    pub(super) closed: CancellationToken,
    pub(super) deltas: broadcast::Sender<Delta>,
    /// Told whenever a timer was set here.
    pub(super) timers: Arc<Timers>,
    /// Taken by a run while it is read: a process that begins finds thousands at once, and what is read lies in memory.
    pub(super) reading: Semaphore,
    pub(super) tokio: tokio::runtime::Handle,
}

/// How many runs are read at a time.
pub(super) const READ_AT_ONCE: usize = 64;

/// A run that so many processes in a row died with may be why. Those that were only driven beside it died with it as often, so from
/// then on such runs are taken up one after the other.
const SUSPECT: u32 = 2;

/// Where a drive begins.
pub(super) enum Begin {
    /// With the code of a run that was started here just now.
    Fresh(Fresh),
    /// With what is stored.
    Stored,
    /// Not at all: so many processes in a row died with the run.
    Poisoned(u32),
}

impl Core {
    pub(super) fn lives(&self) -> MutexGuard<'_, HashMap<RunId, Arc<Live>>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn live(&self, run: RunId) -> Option<Arc<Live>> {
        self.lives().get(&run).cloned()
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.settings.rules.clock
    }

    /// The present of the runs. Leases go by the time of the machine.
    pub(super) fn now(&self) -> SystemTime {
        self.clock().now()
    }

    pub(crate) fn history(&self) -> &dyn History {
        self.batcher.store().as_ref()
    }

    /// The run's row.
    ///
    /// # Errors
    /// `UnknownRun`; `Store`; `Sealed`.
    pub(crate) async fn row(&self, run: RunId) -> Result<RunRow, Error> {
        let row = self.history().run(run).await?.ok_or_else(|| unknown_run(run))?;
        // An answer that is not sealed must not come into a run that is.
        if row.input.is_sealed() { Err(sealed(run)) } else { Ok(row) }
    }

    /// Begins to drive a run that is this worker's.
    pub(super) fn adopt(self: &Arc<Self>, claim: &Claim, begin: Begin) {
        let Some(registered) = self.workflows.get(claim.workflow.as_str()) else { return };
        if self.closed.is_cancelled() {
            return;
        }
        let Claim { run, epoch, inbox_seq, durability, .. } = *claim;
        let holding = Holding { run, workflow: registered.name, epoch, inbox_seq, durability };
        let committer = Committer::Shared(self.batcher.clone());
        let live =
            Arc::new(Live::new(&holding, committer, self.settings.rules.clone(), self.deltas.clone()).with_timers(&self.timers));
        {
            let mut lives = self.lives();
            if lives.get(&run).is_some_and(|other| other.epoch >= epoch) {
                return;
            }
            if let Some(older) = lives.insert(run, Arc::clone(&live)) {
                older.stop.cancel();
            }
        }
        self.tokio.spawn(Arc::clone(self).drive(live, begin));
    }

    async fn drive(self: Arc<Self>, live: Arc<Live>, begin: Begin) {
        // Dropped last: whoever waits for the run to be gone may then rely on its code being dropped.
        let _retire = Retire { core: Arc::clone(&self), live: Arc::clone(&live) };
        tokio::select! {
            biased;
            () = live.stop.cancelled() => {}
            rest = self.drive_to_rest(&live, begin) => {
                if let Rest::Lost(Lost::Store(error)) = rest {
                    tracing::error!(run = %live.run, %error, "the store does not take what a run did; it will be taken up again");
                }
            }
        }
    }

    async fn drive_to_rest(&self, live: &Arc<Live>, begin: Begin) -> Rest {
        let root = match begin {
            Begin::Fresh(root) => Ok(root(live)),
            Begin::Stored => self.stored(live).await,
            Begin::Poisoned(processes) => Err(self.poisoned(live, processes).await),
        };
        // A run that cannot be read any more fails, and keeps its frames: a fixed program may retry it. One that is sealed is left
        // as it is: another process may have the key.
        let root = match root {
            Err(error) if error.is_store() || error.is_sealed() => return Rest::Lost(Lost::Store(error)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
            Ok(root) => root,
        };
        drive_to_rest(live, root, self.settings.linger).await
    }

    /// How a claimed run goes on.
    pub(super) fn begin(&self, claim: &Claim) -> Begin {
        if claim.recoveries > self.settings.recoveries { Begin::Poisoned(claim.recoveries) } else { Begin::Stored }
    }

    async fn poisoned(&self, live: &Live, processes: u32) -> Error {
        let message = format!("{processes} processes in a row died with this run: find out why, then retry it");
        match own_place(self.history(), live.run, live.workflow).await {
            Ok(place) => Error::kind(ErrorKind::Poisoned, message).at(format!("{}/{place}", live.workflow)),
            Err(error) => error,
        }
    }

    async fn stored(&self, live: &Arc<Live>) -> Result<Root, Error> {
        let _permit = self.reading.acquire().await;
        let loaded = load(self.batcher.store().as_ref(), live.run).await?;
        if live.may_keep_back() {
            live.wait_at(self.history().suspensions(live.run).await?.into_iter().map(|open| open.path));
        }
        let frame = live.take_in(loaded);
        let missing = || incompatible(live.run, live.workflow, "it has no frame");
        let frame = frame.ok_or_else(missing)?;
        let open = &self.workflows[live.workflow].open;
        open(live, &frame).map_err(|error| incompatible(live.run, live.workflow, &error.to_string()))
    }

    /// Claims one run, unless somebody has it, and drives it.
    pub(super) async fn claim(self: Arc<Self>, run: RunId) -> Result<(), Error> {
        match self.batcher.commit(Record::Claim { run, worker: self.worker, now: clock::now() }).await {
            Ok(Committed::Claimed(claims)) => claims.iter().for_each(|claim| self.adopt(claim, self.begin(claim))),
            Err(Refused::Store(error)) => return Err(error),
            // Somebody drives it, or it has ended meanwhile.
            _ => {}
        }
        Ok(())
    }

    /// Takes up the runs that nobody drives and nobody suspects.
    pub(super) async fn claim_any(self: &Arc<Self>) -> Result<(), Error> {
        const LIMIT: usize = 256;
        while self.claim_free(0..self.suspect(), LIMIT).await?.len() == LIMIT {}
        Ok(())
    }

    /// Takes up one of the runs that nobody drives and that may be what killed the processes that did.
    pub(super) async fn claim_suspect(self: &Arc<Self>) -> Result<Option<RunId>, Error> {
        Ok(self.claim_free(self.suspect()..u32::MAX, 1).await?.first().map(|claim| claim.run))
    }

    /// From how many deaths in a row on a run is suspected. It is tried alone at least once before it fails.
    fn suspect(&self) -> u32 {
        SUSPECT.min(self.settings.recoveries.saturating_sub(1))
    }

    async fn claim_free(self: &Arc<Self>, recoveries: Range<u32>, limit: usize) -> Result<Vec<Claim>, Error> {
        let workflows = self.workflows.keys().map(|name| (*name).to_owned()).collect();
        let record = Record::ClaimAny { worker: self.worker, workflows, recoveries, now: clock::now(), limit };
        let claims = match self.batcher.commit(record).await {
            Ok(Committed::Claimed(claims)) => claims,
            Ok(_) => return Ok(Vec::new()),
            Err(refusal) => return Err(store_failed(refusal)),
        };
        for claim in &claims {
            let (run, epoch, facts) = (claim.run, claim.epoch, vec![Fact::RunRecovered]);
            self.batcher.send(Record::Note { run, epoch, facts, now: self.now() });
            self.adopt(claim, self.begin(claim));
        }
        Ok(claims)
    }

    /// Answers a suspension.
    ///
    /// # Errors
    /// `UnknownRun`, `InvalidPayload`, `NotSuspended`, `AlreadyResumed`, `Withdrawn`, `Store`.
    pub(crate) async fn resume(
        self: &Arc<Self>,
        run: RunId,
        address: &str,
        payload: serde_json::Value,
        request: Option<String>,
    ) -> Result<(), Error> {
        let row = self.row(run).await?;
        let path = full_path(&row.workflow, address);
        self.check(&row, &path, &payload).await?;
        let record = Record::Resume { run, path: path.clone(), payload, request: Some(named(request)), now: self.now() };
        if let Err(refusal) = self.commit_again(record).await {
            return Err(refused(self, run, &path, refusal).await);
        }
        self.wake(run).await;
        Ok(())
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// `UnknownRun`, `WrongStatus` for a run that has ended, `InvalidPayload`, `Store`.
    pub(crate) async fn signal(
        self: &Arc<Self>,
        run: RunId,
        name: &str,
        payload: serde_json::Value,
        request: Option<String>,
    ) -> Result<(), Error> {
        let row = self.row(run).await?;
        self.check_signal(&row, name, &payload).await?;
        let named = request.is_some();
        let record = Record::Signal { run, name: name.to_owned(), payload, request, now: self.now() };
        // The store remembers each name, so a signal gets none that nobody gave it.
        match if named { self.commit_again(record).await } else { self.batcher.commit(record).await } {
            Ok(_) => self.wake(run).await,
            Err(Refused::WrongStatus(status)) => {
                return Err(wrong_status(run, status, &format!("it takes no signal `{name}` any more")));
            }
            Err(refusal) => return Err(refused(self, run, "", refusal).await),
        }
        Ok(())
    }

    async fn check_signal(&self, row: &RunRow, name: &str, payload: &serde_json::Value) -> Result<(), Error> {
        let Some(registered) = self.workflows.get(row.workflow.as_str()) else { return Ok(()) };
        let open = self.history().suspensions(row.run).await?;
        let waits = |row: &&SuspensionRow| matches!(&row.waits_for, WaitsFor::Signal { name: waited } if waited == name);
        let Some(place) = open.iter().find(waits) else { return Ok(()) };
        match (registered.check)(&crate::wait::taking(&place.schema), payload) {
            Some(Err(reason)) => Err(Error::kind(
                ErrorKind::InvalidPayload,
                format!("the signal `{name}` does not fit what `{}` takes: {reason}", place.address()),
            )),
            _ => Ok(()),
        }
    }

    /// Something came for a run: whoever drives it looks, and if nobody does, it is taken up here.
    pub(super) async fn wake(self: &Arc<Self>, run: RunId) {
        let here = self.lives().get(&run).map(|live| live.hurry()).is_some();
        if here || self.closed.is_cancelled() {
            return;
        }
        // The answer is taken. Should the store fail now, the run is claimed with all others that nobody drives.
        if let Err(error) = self.claim_known(run).await {
            tracing::warn!(%run, %error, "a run that was resumed could not be claimed yet");
        }
    }

    async fn claim_known(self: &Arc<Self>, run: RunId) -> Result<(), Error> {
        let row = self.row(run).await?;
        let ours = self.workflows.contains_key(row.workflow.as_str());
        if ours && row.status == RunStatus::Running { Arc::clone(self).claim(run).await } else { Ok(()) }
    }

    async fn check(&self, row: &RunRow, path: &str, payload: &serde_json::Value) -> Result<(), Error> {
        let Some(registered) = self.workflows.get(row.workflow.as_str()) else { return Ok(()) };
        let open = self.history().suspensions(row.run).await?;
        let Some(suspension) = open.iter().find(|suspension| suspension.path == path) else { return Ok(()) };
        if suspension.waits_for.due().is_some() && *payload == WaitsFor::fired() {
            return Err(invalid_payload(suspension.address(), "`flow.fired` says that a time has passed"));
        }
        match (registered.check)(&suspension.node, payload) {
            Some(Err(reason)) => Err(invalid_payload(suspension.address(), &reason)),
            _ => Ok(()),
        }
    }

    /// Ends a run. The caller does not wait until its code is dropped.
    ///
    /// # Errors
    /// `UnknownRun`, `WrongStatus` for a completed one, `Store`.
    pub(crate) async fn cancel(&self, run: RunId) -> Result<(), Error> {
        match self.commit_again(Record::Cancel { run, now: self.now() }).await {
            Ok(_) => {}
            Err(Refused::WrongStatus(RunStatus::Cancelled)) => return Ok(()),
            Err(Refused::WrongStatus(status)) => return Err(wrong_status(run, status, "it cannot be cancelled")),
            Err(refusal) => return Err(refused(self, run, "", refusal).await),
        }
        if let Some(live) = self.live(run) {
            live.stop.cancel();
        }
        Ok(())
    }

    /// Lets a failed run go on from where it failed.
    ///
    /// # Errors
    /// `UnknownRun`, `UnknownWorkflow`, `WrongStatus`, `Store`.
    pub(crate) async fn retry(self: &Arc<Self>, run: RunId) -> Result<(), Error> {
        let row = self.row(run).await?;
        if !self.workflows.contains_key(row.workflow.as_str()) {
            return Err(not_registered(&row.workflow));
        }
        match self.batcher.commit(Record::Retry { run, worker: self.worker, now: self.now() }).await {
            Ok(Committed::Claimed(claims)) => claims.iter().for_each(|claim| self.adopt(claim, self.begin(claim))),
            Ok(_) => {}
            Err(Refused::WrongStatus(status)) => return Err(wrong_status(run, status, "only a failed run can be retried")),
            Err(refusal) => return Err(refused(self, run, "", refusal).await),
        }
        Ok(())
    }

    /// The frames of a run as they stand in the store.
    ///
    /// # Errors
    /// `UnknownRun`, `Incompatible`, `Store`.
    pub(crate) async fn snapshot(&self, run: RunId) -> Result<Snapshot, Error> {
        const TRIES: usize = 5;
        let row = self.row(run).await?;
        let mut tried = 0;
        loop {
            tried += 1;
            match load(self.batcher.store().as_ref(), run).await {
                Ok(loaded) => {
                    return Ok(Snapshot { workflow: row.workflow, fingerprint: row.fingerprint, frames: loaded.frames });
                }
                // Between two reads the run may have moved, and a value with it.
                Err(error) if error.is_incompatible() && tried < TRIES => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The name of a request. One without a name has one all the same, by which the store knows it when it is given again.
fn named(request: Option<String>) -> String {
    request.unwrap_or_else(|| Uuid::now_v7().to_string())
}

/// Takes a run out of the list of those that are driven here.
struct Retire {
    core: Arc<Core>,
    live: Arc<Live>,
}

impl Drop for Retire {
    fn drop(&mut self) {
        let dirty = {
            let mut lives = self.core.lives();
            if lives.get(&self.live.run).is_some_and(|live| Arc::ptr_eq(live, &self.live)) {
                lives.remove(&self.live.run);
            }
            // Answers are announced under the same lock: after this none is announced to this drive.
            self.live.is_dirty()
        };
        self.core.retired.notify_waiters();
        if dirty && !self.core.closed.is_cancelled() {
            self.core.tokio.spawn(Arc::clone(&self.core).claim(self.live.run));
        }
    }
}

impl SuspensionRow {
    /// What the place is called when it is resumed: its path below the workflow, `editor_review#0`.
    pub fn address(&self) -> &str {
        address(&self.path)
    }
}

pub(super) fn address(path: &str) -> &str {
    path.split_once('/').map_or(path, |(_, address)| address)
}

/// The path of an address. The workflow's own name is the one segment without a visit.
fn full_path(workflow: &str, address: &str) -> String {
    let full = address.strip_prefix(workflow).is_some_and(|rest| rest.starts_with('/'));
    if full { address.to_owned() } else { format!("{workflow}/{address}") }
}

pub(super) fn unknown_run(run: RunId) -> Error {
    Error::kind(ErrorKind::UnknownRun, format!("there is no run `{run}`"))
}

fn sealed(run: RunId) -> Error {
    Error::kind(ErrorKind::Sealed, format!("run `{run}` {}", EncodeError::Sealed))
}

pub(super) fn not_registered(workflow: &str) -> Error {
    let message =
        format!("the workflow `{workflow}` is not registered here: add `.register::<..>()` to the builder of the runtime");
    Error::kind(ErrorKind::UnknownWorkflow, message)
}

pub(crate) fn invalid_payload(address: &str, reason: &str) -> Error {
    Error::kind(ErrorKind::InvalidPayload, format!("the answer does not fit what `{address}` takes: {reason}"))
}

pub(super) fn store_failed(refusal: Refused) -> Error {
    match refusal {
        Refused::Store(error) => error,
        other => Error::kind(ErrorKind::Store, format!("the store refused a record of this worker: {other:?}")),
    }
}

fn wrong_status(run: RunId, status: RunStatus, rule: &str) -> Error {
    Error::kind(ErrorKind::WrongStatus, format!("run `{run}` is {status}; {rule}"))
}

fn incompatible(run: RunId, path: &str, why: &str) -> Error {
    Error::kind(ErrorKind::Incompatible, format!("run `{run}` does not fit this program at `{path}`: {why}")).at(path)
}
