//! Timers: one task that sleeps until the next is due, whoever set it, and fires it.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::iter;

use super::core::{Core, store_failed};
use crate::clock;
use crate::error::Error;
use crate::store::{Record, Refused, TimerRow};

/// How long at most until the store is asked again: another process may have set a timer, and clocks may be set.
const LOOK: Duration = Duration::from_secs(2);

/// How many timers are read at a time.
const BATCH: usize = 256;

/// How many runs are taken up at a time.
const AT_ONCE: usize = 32;

pub(super) async fn fire_for_ever(core: &Arc<Core>) {
    loop {
        let wait = match fire_due(core).await {
            Ok(wait) => wait,
            Err(error) => {
                tracing::warn!(%error, "timers could not be fired");
                LOOK
            }
        };
        tokio::select! {
            () = core.timers.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Fires what is due; gives how long there is nothing to do.
async fn fire_due(core: &Arc<Core>) -> Result<Duration, Error> {
    loop {
        let next = core.history().timers(BATCH).await?;
        let now = clock::now();
        let due = next.iter().filter(|timer| timer.due <= now).cloned();
        let due: Vec<_> = due.collect();
        if due.is_empty() {
            // Rounded up, so that it is due on waking.
            let wait = next.first().map_or(LOOK, |timer| clock::until(timer.due) + Duration::from_millis(1));
            return Ok(wait.min(LOOK));
        }
        let fired = iter(due.into_iter().map(|timer| fire(core, timer))).buffer_unordered(AT_ONCE);
        let fired: Vec<_> = fired.collect().await;
        fired.into_iter().collect::<Result<(), _>>()?;
    }
}

/// Fires one timer. That it fires once is decided where it is written.
async fn fire(core: &Arc<Core>, timer: TimerRow) -> Result<(), Error> {
    let TimerRow { run, path, .. } = timer;
    match core.batcher.commit(Record::Fire { run, path, now: clock::now() }).await {
        Ok(_) => {}
        Err(Refused::Store(error)) => return Err(store_failed(Refused::Store(error))),
        // Another process was first, or the run went on without it.
        Err(_) => return Ok(()),
    }
    core.wake(run).await;
    Ok(())
}
