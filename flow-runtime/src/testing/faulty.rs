//! A store that fails.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::crashes::Plan;
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;
use crate::store::{
    Checkpoint, Claim, Committed, FrameBytes, History, InboxRow, Record, Refused, RunFilter, RunRow, Store, SuspensionRow,
    TimerRow, ValueId, WorkerId, store_error,
};

/// A store that fails as networks and disks do: before it has written, after it has written, for a while, or it is slow. To see
/// that an application, or a store of your own, stands that.
///
/// What fails is drawn for each record by itself, from a seed: the same seed draws the same for the same records in the same
/// order.
///
/// ```
/// use flow_runtime::store::Memory;
/// use flow_runtime::testing::Faulty;
/// use flow_runtime::{Runtime, step, workflow};
///
/// #[step]
/// async fn greet(name: &str) -> Result<String, std::io::Error> {
///     Ok(format!("hello {name}"))
/// }
///
/// workflow! { Hello<String -> String>(name) { greet(&name).await } }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), flow_runtime::Error> {
/// let store = Faulty::new(Memory::default(), 7).is_slow(0.5, std::time::Duration::from_millis(1));
/// let runtime = Runtime::builder(()).store(store.clone()).register::<Hello>().build().await?;
///
/// store.set_down(true);
/// assert!(runtime.start::<Hello>("Ada".to_owned()).await.unwrap_err().is_store());
///
/// store.set_down(false);
/// let run = runtime.start::<Hello>("Ada".to_owned()).await?;
/// assert_eq!(run.outcome().await?.completed()?, "hello Ada");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Faulty {
    store: Arc<dyn Store>,
    seed: u64,
    before: f64,
    after: f64,
    slow: f64,
    delay: Duration,
    plan: Option<Arc<Plan>>,
    state: Arc<State>,
}

/// What all clones share.
struct State {
    draws: Mutex<fastrand::Rng>,
    down: AtomicBool,
    faults: AtomicU64,
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("seed", &self.seed).field("faults", &self.faults()).finish_non_exhaustive()
    }
}

/// What becomes of a record.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fate {
    Written,
    /// It is not written.
    Refused,
    /// It is written, and nobody is told.
    Lost,
}

impl Faulty {
    /// A store that does not fail yet.
    pub fn new(store: impl Store, seed: u64) -> Self {
        let draws = Mutex::new(fastrand::Rng::with_seed(seed));
        let state = Arc::new(State { draws, down: AtomicBool::new(false), faults: AtomicU64::new(0) });
        Self { store: Arc::new(store), seed, before: 0.0, after: 0.0, slow: 0.0, delay: Duration::ZERO, plan: None, state }
    }

    /// This part of the records, from 0 to 1, and of the readings, fails and is not written.
    pub fn fails_before(self, part: f64) -> Self {
        Self { before: part, ..self }
    }

    /// This part of the records fails and is written all the same: the answer is lost.
    pub fn fails_after(self, part: f64) -> Self {
        Self { after: part, ..self }
    }

    /// This part of the commits takes so much longer.
    pub fn is_slow(self, part: f64, delay: Duration) -> Self {
        Self { slow: part, delay, ..self }
    }

    /// From now on everything fails, or works again.
    pub fn set_down(&self, down: bool) {
        self.state.down.store(down, Ordering::SeqCst);
    }

    /// How many records and readings have failed.
    pub fn faults(&self) -> u64 {
        self.state.faults.load(Ordering::SeqCst)
    }

    /// What becomes of each record is planned, not drawn.
    pub(super) fn planned(self, plan: &Arc<Plan>) -> Self {
        Self { plan: Some(Arc::clone(plan)), ..self }
    }

    fn is_down(&self) -> bool {
        self.state.down.load(Ordering::SeqCst)
    }

    fn draw(&self) -> f64 {
        self.state.draws.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }

    fn fate(&self, record: &Record) -> Fate {
        if let Some(plan) = &self.plan {
            return plan.fate(record);
        }
        match self.draw() {
            _ if self.is_down() => Fate::Refused,
            drawn if drawn < self.before => Fate::Refused,
            drawn if drawn < self.before + self.after => Fate::Lost,
            _ => Fate::Written,
        }
    }

    fn fault(&self) -> Error {
        self.state.faults.fetch_add(1, Ordering::SeqCst);
        store_error(format!("the store was told to fail, by the seed {}", self.seed))
    }

    fn read<'s, T: Send + 's>(&'s self, reading: BoxFuture<'s, Result<T, Error>>) -> BoxFuture<'s, Result<T, Error>> {
        if self.is_down() || self.draw() < self.before {
            return std::future::ready(Err(self.fault())).boxed();
        }
        reading
    }

    async fn write(&self, batch: Vec<Record>) -> Vec<Result<Committed, Refused>> {
        if self.draw() < self.slow {
            tokio::time::sleep(self.delay).await;
        }
        let fates: Vec<_> = batch.iter().map(|record| self.fate(record)).collect();
        let kept = batch.into_iter().zip(&fates).filter(|(_, fate)| **fate != Fate::Refused).map(|(record, _)| record);
        let mut answers = self.store.commit(kept.collect()).await.into_iter();
        let answer = |fate| {
            let answer = if fate == Fate::Refused { None } else { answers.next() };
            answer.filter(|_| fate == Fate::Written).unwrap_or_else(|| Err(Refused::Store(self.fault())))
        };
        fates.into_iter().map(answer).collect()
    }
}

impl Store for Faulty {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        self.write(batch).boxed()
    }
}

impl History for Faulty {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.read(self.store.runs(filter))
    }
    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.read(self.store.run(run))
    }
    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        self.read(self.store.frames(run))
    }
    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.read(self.store.values(run))
    }
    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.read(self.store.events(run, from))
    }
    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.read(self.store.suspensions(run))
    }
    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.read(self.store.timers(limit))
    }
    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.read(self.store.inbox(run))
    }
    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.read(self.store.checkpoints(run))
    }
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.read(self.store.owned(worker))
    }
}
