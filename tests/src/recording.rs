//! A store that keeps a copy of every state a run was ever in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use flow_runtime::Error;
use flow_runtime::event::Event;
use flow_runtime::run::RunId;
use flow_runtime::snapshot::{Snapshot, StoredFrame};
use flow_runtime::store::*;
use futures::FutureExt;
use futures::future::BoxFuture;

/// A store in memory, and every snapshot it was ever asked to hold.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    inner: Memory,
    states: Arc<Mutex<Vec<Snapshot>>>,
}

impl Recording {
    /// The states so far, in the order they were written. A run that has ended leaves none.
    pub fn states(&self) -> Vec<Snapshot> {
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
            self.states.lock().expect("no test panics while it holds this").push(state);
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
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.inner.owned(worker)
    }
}
