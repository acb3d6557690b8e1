//! A store that keeps a copy of every state a run was ever in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use flow_runtime::event::Event;
use flow_runtime::local::from_snapshot;
use flow_runtime::run::RunId;
use flow_runtime::snapshot::{Snapshot, StoredFrame};
use flow_runtime::store::*;
use flow_runtime::workflow::State;
use flow_runtime::{Error, Outcome, Runtime, Workflow};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::modes;

/// A store, and every snapshot it was ever asked to hold.
#[derive(Clone)]
pub struct Recording {
    inner: Arc<dyn Store>,
    states: Arc<Mutex<Vec<(usize, Snapshot)>>>,
    note: Option<fn() -> usize>,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").finish_non_exhaustive()
    }
}

impl Default for Recording {
    fn default() -> Self {
        Self::over(Memory::default())
    }
}

impl Recording {
    /// Over another store.
    pub fn over(store: impl Store) -> Self {
        Self { inner: Arc::new(store), states: Arc::default(), note: None }
    }

    /// The states so far, in the order they were written. A run that has ended leaves none.
    pub fn states(&self) -> Vec<Snapshot> {
        self.noted().into_iter().map(|(_, state)| state).collect()
    }

    /// A store that asks for a number whenever it holds another state.
    pub fn noting(note: fn() -> usize) -> Self {
        Self { note: Some(note), ..Self::default() }
    }

    /// The states so far, each with the number it was given.
    pub fn noted(&self) -> Vec<(usize, Snapshot)> {
        self.states.lock().expect("no test panics while it holds this").clone()
    }

    async fn record(&self, run: RunId) -> Result<(), Error> {
        let Some(row) = self.inner.run(run).await? else { return Ok(()) };
        let values: BTreeMap<_, _> = self.inner.values(run).await?.into_iter().collect();
        let mut frames = BTreeMap::new();
        for (path, bytes) in self.inner.frames(run).await? {
            frames.insert(path, StoredFrame::from_bytes(&bytes)?.resolve(|id| values.get(&id).cloned())?);
        }
        if !frames.is_empty() {
            let state = Snapshot { workflow: row.workflow, fingerprint: row.fingerprint, frames };
            let note = self.note.map_or(0, |note| note());
            self.states.lock().expect("no test panics while it holds this").push((note, state));
        }
        Ok(())
    }
}

impl Store for Recording {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        async move {
            let mut answers = Vec::new();
            for record in batch {
                let run = match &record {
                    Record::Transition(transition) => Some(transition.run),
                    Record::Start(new) => Some(new.run),
                    _ => None,
                };
                answers.extend(self.inner.commit(vec![record]).await);
                if let Some(run) = run {
                    self.record(run).await.expect("what was written can be read");
                }
            }
            answers
        }
        .boxed()
    }
}

impl History for Recording {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.inner.runs(filter)
    }
    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.inner.run(run)
    }
    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(String, Vec<u8>)>, Error>> {
        self.inner.frames(run)
    }
    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, flow_runtime::encoded::Encoded)>, Error>> {
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

/// Runs a workflow to its end, then goes on from every state it was in, each decoded from JSON, and expects the same
/// output. Gives the places of the workflow's own machine that were seen.
///
/// # Panics
/// When a run ends differently, or a state does not survive serde.
pub async fn goes_on_from_every_state<W, A>(
    app: impl Fn() -> A,
    input: W::Input,
    answer: impl Fn(&str) -> serde_json::Value,
) -> BTreeSet<String>
where
    W: Workflow<A>,
    A: Send + Sync + 'static,
{
    let (expected, states) = recorded::<W, A>(app(), input, &answer).await;
    let mut places = BTreeSet::new();
    for snapshot in states {
        let own = &snapshot.frames[W::INFO.name];
        places.insert(own.place.clone());
        let state = serde_json::to_string(&W::State::from_frame(own).expect("a frame fits")).expect("a state is data");
        let again: W::State = serde_json::from_str(&state).expect("a state can be read");
        let frame = again.to_frame().expect("a state fits");
        assert_eq!(serde_json::to_string(&frame.vars).expect("data"), serde_json::to_string(&own.vars).expect("data"));
        let text = serde_json::to_string(&snapshot).expect("a snapshot is data");
        let app = app();
        let mut outcome = from_snapshot::<W, A>(&app, serde_json::from_str(&text).expect("a snapshot can be read")).await;
        while let Outcome::Suspended(mut parked) = outcome {
            let open: Vec<_> = parked.pending.iter().map(|row| row.address().to_owned()).collect();
            for address in open {
                parked.answer_json(&address, answer(&address)).expect("it is open");
            }
            outcome = flow_runtime::local::go_on::<W, A>(&app, parked).await;
        }
        let output = serde_json::to_value(outcome.completed().expect("the run ends")).expect("an output is data");
        assert_eq!(output, expected, "from {text}");
    }
    places
}

/// Runs a workflow to its end. Gives its output, and every state it was in.
///
/// # Panics
/// When the run fails.
pub async fn recorded<W, A>(
    app: A,
    input: W::Input,
    answer: &impl Fn(&str) -> serde_json::Value,
) -> (serde_json::Value, Vec<Snapshot>)
where
    W: Workflow<A>,
    A: Send + Sync + 'static,
{
    let store = Recording::over(modes::store().await);
    let built = modes::driven(Runtime::builder(app)).store(store.clone()).register::<W>().build().await;
    let runtime = built.expect("a runtime starts");
    let run = runtime.start::<W>(input).await.expect("a run starts");
    loop {
        match run.outcome().await.expect("a run can be watched") {
            Outcome::Suspended(pending) => {
                let addresses: Vec<_> = pending.iter().map(|row| row.address().to_owned()).collect();
                for address in addresses {
                    match runtime.resume(run.id(), &address, answer(&address)).await {
                        // Another arm of a `select!` was first, by the answer before this one.
                        Err(error) if error.is_withdrawn() => {}
                        resumed => resumed.expect("it is open"),
                    }
                }
            }
            other => {
                let output = other.completed().expect("the run ends");
                return (serde_json::to_value(output).expect("an output is data"), store.states());
            }
        }
    }
}
