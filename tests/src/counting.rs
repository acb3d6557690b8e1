//! A store that counts what is written.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flow_runtime::Error;
use flow_runtime::encoded::Encoded;
use flow_runtime::event::Event;
use flow_runtime::run::RunId;
use flow_runtime::store::*;
use futures::FutureExt;
use futures::future::BoxFuture;

/// A store, and how many bytes of the states and events of its runs it was asked to write.
#[derive(Clone)]
pub struct Counting {
    inner: Arc<dyn Store>,
    bytes: Arc<AtomicU64>,
    transitions: Arc<AtomicU64>,
    /// How many runs were read, how many are being read, and how many were at most.
    reads: Arc<[AtomicU64; 3]>,
}

impl fmt::Debug for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counting").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

impl Counting {
    /// Counts from now on.
    pub fn new(inner: impl Store) -> Self {
        Self { inner: Arc::new(inner), bytes: Arc::default(), transitions: Arc::default(), reads: Arc::default() }
    }

    /// The bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How many times the frames of a run were read so far, and how many of that went on at once at most.
    pub fn reads(&self) -> (u64, u64) {
        let [all, _, most] = &*self.reads;
        (all.load(Ordering::SeqCst), most.load(Ordering::SeqCst))
    }

    /// How many transitions there were so far.
    pub fn transitions(&self) -> u64 {
        self.transitions.load(Ordering::Relaxed)
    }
}

fn size(record: &Record) -> usize {
    match record {
        Record::Start(new) => new.input.as_bytes().len() + of_frame(&new.frame),
        Record::Transition(transition) => {
            let facts = serde_json::to_string(&transition.facts).expect("facts are data").len();
            let opens = transition.opens.as_ref().map_or(0, |opens| opens.payload.to_string().len());
            let frames = transition.kept_back.frames.iter().chain(&transition.frame);
            frames.map(of_frame).sum::<usize>() + facts + opens
        }
        _ => 0,
    }
}

fn of_frame(frame: &FrameRow) -> usize {
    frame.bytes.len() + frame.values.iter().map(|value| value.value.as_bytes().len()).sum::<usize>()
}

impl Store for Counting {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        self.bytes.fetch_add(batch.iter().map(|record| size(record) as u64).sum(), Ordering::Relaxed);
        let transitions = batch.iter().filter(|record| matches!(record, Record::Transition(_))).count();
        self.transitions.fetch_add(transitions as u64, Ordering::Relaxed);
        self.inner.commit(batch)
    }
}

impl History for Counting {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.inner.runs(filter)
    }
    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.inner.run(run)
    }
    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        let [all, now, most] = &*self.reads;
        async move {
            all.fetch_add(1, Ordering::SeqCst);
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Others come in meanwhile.
            tokio::task::yield_now().await;
            let frames = self.inner.frames(run).await;
            now.fetch_sub(1, Ordering::SeqCst);
            frames
        }
        .boxed()
    }
    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.inner.values(run)
    }
    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.inner.events(run, from)
    }
    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.inner.suspensions(run)
    }
    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.inner.inbox(run)
    }
    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.inner.timers(limit)
    }
    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.inner.checkpoints(run)
    }
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.inner.owned(worker)
    }
}
