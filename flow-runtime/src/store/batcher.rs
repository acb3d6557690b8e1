//! The one way to a store: groups whatever is queued into one commit.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::refuse::store_error;
use super::{Committed, Record, Refused, Store};

/// The most records of one commit: beyond it the delay of the first grows and the gain per record does not.
const GROUP: usize = 256;

type Answer = Result<Committed, Refused>;

/// Queues records and commits them in the order they were given, in groups.
///
/// There is no timer: while a group is being written the next one gathers, so that a lone record never waits and
/// many share one flush of the disk.
#[derive(Clone)]
pub(crate) struct Batcher {
    store: Arc<dyn Store>,
    queue: mpsc::UnboundedSender<Entry>,
}

struct Entry {
    record: Record,
    /// Nobody waits for the answer of a record that was only sent.
    answer: Option<oneshot::Sender<Answer>>,
}

impl Batcher {
    /// Begins a task that writes to the store. It ends when the last clone is gone and the queue is written.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        let (queue, entries) = mpsc::unbounded_channel();
        tokio::spawn(write_groups(store.clone(), entries));
        Self { store, queue }
    }

    /// Writes a record.
    ///
    /// It is queued before this returns, so a caller who drops the future changes neither the order nor whether it
    /// is written.
    pub(crate) fn commit(&self, record: Record) -> impl Future<Output = Answer> + Send + use<> {
        let (sender, answer) = oneshot::channel();
        self.enqueue(record, Some(sender));
        async move { answer.await.unwrap_or_else(|_| Err(stopped())) }
    }

    /// Writes a record whose answer nobody needs.
    pub(crate) fn send(&self, record: Record) {
        self.enqueue(record, None);
    }

    /// What it writes to, for reading.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    fn enqueue(&self, record: Record, answer: Option<oneshot::Sender<Answer>>) {
        // Where the task is gone the entry is dropped, and with it the sender: that is how its waiter learns of it.
        let _ = self.queue.send(Entry { record, answer });
    }
}

impl fmt::Debug for Batcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher").finish_non_exhaustive()
    }
}

async fn write_groups(store: Arc<dyn Store>, mut entries: mpsc::UnboundedReceiver<Entry>) {
    let mut group = Vec::with_capacity(GROUP);
    // `recv_many` waits for one entry and takes along what else is there, never for more to come.
    while entries.recv_many(&mut group, GROUP).await > 0 {
        let (records, waiting): (Vec<_>, Vec<_>) = group.drain(..).map(|entry| (entry.record, entry.answer)).unzip();
        let answers = one_each(store.commit(records).await, waiting.len());
        for (waiter, answer) in waiting.into_iter().zip(answers) {
            // A waiter may be gone: the record is written all the same.
            let _ = waiter.map(|waiter| waiter.send(answer));
        }
    }
}

/// With too few or too many answers nobody can tell whose they are, so nobody gets one of them.
fn one_each(answers: Vec<Answer>, records: usize) -> Vec<Answer> {
    if answers.len() == records {
        return answers;
    }
    let message = format!("the store gave {} answers to {records} records; its `commit` must answer each", answers.len());
    vec![Err(Refused::Store(store_error(message))); records]
}

fn stopped() -> Refused {
    Refused::Store(store_error("nothing is written any more: the runtime was shut down, or its store panicked"))
}

#[cfg(test)]
mod tests;
