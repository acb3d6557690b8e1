//! A store whose values are sealed before they are written.

mod keys;
mod seal;
#[cfg(test)]
mod tests;

use std::fmt;

use futures::FutureExt;
use futures::future::BoxFuture;

pub use self::keys::Keys;
use super::{
    Claim, Committed, FrameBytes, History, InboxRow, Record, Refused, RunFilter, RunRow, Store, SuspensionRow, TimerRow, ValueId,
    WorkerId, store_error,
};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;
use crate::store::Checkpoint;

/// A store that keeps what runs produce sealed, with AES-256-GCM-SIV, in another one.
///
/// Sealed are inputs, outputs, variables, large values, what suspensions show, answers, what signals bring, and the words of
/// errors. To be read as they are stay: ids, start keys, names of requests and signals, workflows, places, what kind of error it
/// is, the JSON Schemas of answers, times, and the status. So do not put into a start key what nobody may read.
///
/// Each value is bound to its run and its place in it. Whoever can write to the store may delete and take back, and change what is
/// not sealed; he cannot read a value, change it, or move it to another place.
///
/// Sealing is deterministic: the same value, written to the same place of the same run with the same key, is the same bytes. Who
/// reads the store can see that a frame did not change, and how long a value is, and nothing else of it. Two runs never show
/// whether their values are the same.
///
/// A key that is not here or does not open is an error that `is_sealed` and names key and run. So are a store that was written
/// without `Sealed` and is opened with it, and one that was written with it and is opened without. A run that cannot be opened
/// stays as it is, for a process that has the key.
///
/// ```
/// use flow_runtime::store::{Keys, Memory, Sealed};
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
/// # let key = [7; 32];
/// let store = Sealed::new(Memory::default(), Keys::new("2026", key));
/// let runtime = Runtime::builder(()).store(store).register::<Hello>().build().await?;
/// let run = runtime.start::<Hello>("Ada".to_owned()).await?;
/// assert_eq!(run.outcome().await?.completed()?, "hello Ada");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sealed<S> {
    store: S,
    keys: Keys,
}

impl<S> fmt::Debug for Sealed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl<S: Store> Sealed<S> {
    /// A store that writes to this one with the first of the keys.
    pub fn new(store: S, keys: Keys) -> Self {
        Self { store, keys }
    }

    async fn write(&self, batch: Vec<Record>) -> Vec<Result<Committed, Refused>> {
        let records = batch.len();
        let starts: Vec<_> = batch.iter().map(keyed_start).collect();
        let batch: Result<Vec<_>, _> = batch.into_iter().map(|record| self.keys.seal_record(record)).collect();
        let answers = match batch {
            Ok(batch) => self.store.commit(batch).await,
            Err(error) => return vec![Err(Refused::Store(error)); records],
        };
        let mut judged = Vec::with_capacity(records);
        for (answer, start) in answers.into_iter().zip(starts) {
            judged.push(match (answer, start) {
                (Err(Refused::KeyConflict { run, workflow }), Some(start)) if start.0 == workflow => self.same(run, start).await,
                (answer, _) => answer,
            });
        }
        judged
    }

    /// Whether the run with this key has this input. The store cannot tell: the same input is other bytes in each run.
    async fn same(&self, run: RunId, (workflow, input): (String, Encoded)) -> Result<Committed, Refused> {
        match self.run(run).await {
            Ok(Some(row)) if row.input == input => Ok(Committed::Started { run, fresh: false }),
            Ok(Some(_)) => Err(Refused::KeyConflict { run, workflow }),
            Ok(None) => Err(Refused::Store(store_error(format!("run `{run}` was deleted just now; start again")))),
            Err(error) => Err(Refused::Store(error)),
        }
    }
}

/// Workflow and input of a start with a key.
fn keyed_start(record: &Record) -> Option<(String, Encoded)> {
    let Record::Start(new) = record else { return None };
    new.key.is_some().then(|| (new.workflow.clone(), new.input.clone()))
}

impl<S: Store> Store for Sealed<S> {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        self.write(batch).boxed()
    }
}

impl<S: Store> History for Sealed<S> {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        async move { self.store.runs(filter).await?.into_iter().map(|row| self.keys.open_run(row)).collect() }.boxed()
    }

    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        async move { self.store.run(run).await?.map(|row| self.keys.open_run(row)).transpose() }.boxed()
    }

    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        async move { self.keys.open_frames(run, self.store.frames(run).await?) }.boxed()
    }

    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        async move {
            let values = self.store.values(run).await?;
            values.into_iter().map(|(id, value)| Ok((id, self.keys.open_value(run, id, &value)?))).collect()
        }
        .boxed()
    }

    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        async move {
            let mut events = self.store.events(run, from).await?;
            events.iter_mut().try_for_each(|event| self.keys.open_fact(run, &mut event.fact))?;
            Ok(events)
        }
        .boxed()
    }

    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        async move {
            let rows = self.store.suspensions(run).await?;
            rows.into_iter().map(|row| self.keys.open_suspension(run, row)).collect()
        }
        .boxed()
    }

    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.store.timers(limit)
    }

    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        async move { self.store.inbox(run).await?.into_iter().map(|row| self.keys.open_answer(run, row)).collect() }.boxed()
    }

    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        async move {
            let kept = self.store.checkpoints(run).await?;
            kept.into_iter().map(|checkpoint| self.keys.open_checkpoint(run, checkpoint)).collect()
        }
        .boxed()
    }

    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.store.owned(worker)
    }
}
