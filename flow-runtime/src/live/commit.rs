//! How a live run writes: in the order of the calls, again where the store fails.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::error::Error;
use crate::store::{Batcher, Committed, Record, Refused, Store};

/// How long to wait before a record that the store failed to take is given to it again, in milliseconds.
pub(crate) const AGAIN: [u64; 4] = [50, 150, 450, 1350];

/// Where records go.
#[derive(Clone, Debug)]
pub(crate) enum Committer {
    /// To the writer that all runs of a runtime share.
    Shared(Batcher),
    /// To a store of its own, which answers at once.
    Own(Own),
}

/// A store of one run.
#[derive(Clone)]
pub(crate) struct Own(pub(crate) Arc<dyn Store>);

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Own")
    }
}

impl Committer {
    /// Writes a record. It is queued when this returns.
    pub(crate) fn commit(&self, record: Record) -> BoxFuture<'static, Result<Committed, Refused>> {
        match self {
            Self::Shared(batcher) => batcher.commit(record).boxed(),
            Self::Own(Own(store)) => {
                let store = Arc::clone(store);
                async move { store.commit(vec![record]).await.pop().unwrap_or(Err(Refused::UnknownRun)) }.boxed()
            }
        }
    }

    /// Writes a record whose answer nobody needs.
    pub(crate) fn send(&self, record: Record) {
        match self {
            Self::Shared(batcher) => batcher.send(record),
            Self::Own(Own(store)) => drop(store.commit(vec![record]).now_or_never()),
        }
    }

    /// What it writes to, for reading.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        match self {
            Self::Shared(batcher) => batcher.store(),
            Self::Own(Own(store)) => store,
        }
    }
}

/// Why a run is not driven here any more, though it has not ended.
#[derive(Clone, Debug)]
pub(crate) enum Lost {
    /// Somebody else has it, or it was cancelled.
    Fenced,
    /// The store does not take what it did. What was written stands.
    Store(Error),
    /// The runtime shuts down.
    Closed,
}

/// Writes a record of a live run; a store that fails is asked again for a while.
pub(super) fn write(committer: &Committer, mut record: Record) -> BoxFuture<'static, Result<Committed, Lost>> {
    let mut ack = committer.commit(record.clone());
    let committer = committer.clone();
    async move {
        let mut waits = AGAIN.iter();
        loop {
            let error = match ack.await {
                Ok(committed) => return Ok(committed),
                Err(Refused::Store(error)) => error,
                Err(_) => return Err(Lost::Fenced),
            };
            let Some(wait) = waits.next() else { return Err(Lost::Store(error)) };
            tracing::warn!(%error, "the store did not take a record; it is given to it again");
            tokio::time::sleep(Duration::from_millis(*wait)).await;
            // What failed may have been applied all the same.
            if let Record::Transition(transition) = &mut record {
                transition.again = true;
            }
            ack = committer.commit(record.clone());
        }
    }
    .boxed()
}
