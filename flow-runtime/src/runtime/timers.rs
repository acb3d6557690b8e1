//! Timers: one task that sleeps until the next is due, whoever set it, and fires it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures::StreamExt;
use futures::future::{Either, pending};
use futures::stream::iter;
use tokio::sync::Notify;

use super::core::{Core, store_failed};
use crate::error::Error;
use crate::store::{Record, Refused, TimerRow};

/// How often the store is looked at for timers that this process does not know: those of a process that is gone. Also how
/// late it is noticed that the clock of the machine was set.
const LOOK: Duration = Duration::from_secs(5);

/// How many timers are read at a time.
const BATCH: usize = 256;

/// How many runs are taken up at a time.
const AT_ONCE: usize = 32;

/// What the task knows of timers, and how it is told of an earlier one.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    /// When the first known one is due.
    next: Mutex<Option<SystemTime>>,
    earlier: Notify,
}

impl Timers {
    /// A timer was set here.
    pub(crate) fn set(&self, due: SystemTime) {
        if self.keep(Some(due)) {
            self.earlier.notify_one();
        }
    }

    /// Keeps the earlier time; whether that is this one.
    fn keep(&self, due: Option<SystemTime>) -> bool {
        let mut next = self.next();
        let earlier = due.is_some_and(|due| next.is_none_or(|next| due < next));
        if earlier {
            *next = due;
        }
        earlier
    }

    fn next(&self) -> MutexGuard<'_, Option<SystemTime>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn fire_for_ever(core: &Arc<Core>) {
    loop {
        if let Err(error) = fire_due(core).await {
            tracing::warn!(%error, "timers could not be fired");
        }
        let next = *core.timers.next();
        let due = next.map_or_else(|| Either::Left(pending()), |next| Either::Right(core.clock().sleep_until(next)));
        tokio::select! {
            () = core.timers.earlier.notified() => {}
            () = due => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Fires what is due, and learns when the next one is.
async fn fire_due(core: &Arc<Core>) -> Result<(), Error> {
    loop {
        // Before the reading: of a timer that is set meanwhile the task is told.
        *core.timers.next() = None;
        let next = core.history().timers(BATCH).await?;
        let now = core.now();
        let due: Vec<_> = next.iter().filter(|timer| timer.due <= now).cloned().collect();
        if due.is_empty() {
            core.timers.keep(next.first().map(|timer| timer.due));
            return Ok(());
        }
        let fired = iter(due.into_iter().map(|timer| fire(core, timer))).buffer_unordered(AT_ONCE);
        let fired: Vec<_> = fired.collect().await;
        fired.into_iter().collect::<Result<(), _>>()?;
    }
}

/// Fires one timer. That it fires once is decided where it is written.
async fn fire(core: &Arc<Core>, timer: TimerRow) -> Result<(), Error> {
    let TimerRow { run, path, .. } = timer;
    match core.batcher.commit(Record::Fire { run, path, now: core.now() }).await {
        Ok(_) => {}
        Err(Refused::Store(error)) => return Err(store_failed(Refused::Store(error))),
        // Another process was first, or the run went on without it.
        Err(_) => return Ok(()),
    }
    core.wake(run).await;
    Ok(())
}
