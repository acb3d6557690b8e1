//! What a runtime does beside driving: it renews its lease, learns what other processes did, and takes up runs
//! that nobody drives.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout_at};

use super::core::{Core, store_failed};
use crate::clock;
use crate::error::Error;
use crate::run::RunId;
use crate::store::{Committed, Record, Refused};

/// How often a worker looks at its runs in the store.
const LOOK: Duration = Duration::from_millis(200);

/// How many runs are deleted in one transaction: those of others wait for it.
const PRUNE_AT_ONCE: usize = 100;

/// How often a worker deletes what is kept no longer, unless that is kept for less.
const PRUNE: Duration = Duration::from_secs(600);

/// Begins the upkeep. It ends when the runtime is closed.
pub(super) fn begin(core: &Arc<Core>, renewed: Instant) {
    let until_closed = |core: &Arc<Core>| core.closed.clone().cancelled_owned();
    let (lease, look, claim) = (Arc::clone(core), Arc::clone(core), Arc::clone(core));
    let closed = (until_closed(core), until_closed(core), until_closed(core));
    core.tokio.spawn(async move {
        tokio::select! { () = closed.0 => {}, () = keep_lease(&lease, renewed) => {} }
    });
    core.tokio.spawn(async move {
        tokio::select! { () = closed.1 => {}, () = look_after(&look) => {} }
    });
    let (timers, closed_timers) = (Arc::clone(core), until_closed(core));
    core.tokio.spawn(async move {
        tokio::select! { () = closed_timers => {}, () = super::timers::fire_for_ever(&timers) => {} }
    });
    core.tokio.spawn(async move {
        tokio::select! { () = closed.2 => {}, () = claim_now_and_then(&claim) => {} }
    });
    let (suspects, closed_suspects) = (Arc::clone(core), until_closed(core));
    core.tokio.spawn(async move {
        tokio::select! { () = closed_suspects => {}, () = try_suspects(&suspects) => {} }
    });
    if let Some(retention) = core.settings.retention {
        let (prune, closed) = (Arc::clone(core), until_closed(core));
        core.tokio.spawn(async move {
            tokio::select! { () = closed => {}, () = prune_now_and_then(&prune, retention) => {} }
        });
    }
}

/// Writes the lease; from when on it counts.
pub(super) async fn renew(core: &Core) -> Result<Instant, Refused> {
    // Taken before the writing: the lease in the store then never ends before this process thinks it does.
    let renewed = Instant::now();
    core.batcher.commit(Record::Lease { worker: core.worker, until: clock::now() + core.settings.lease }).await?;
    Ok(renewed)
}

/// Renews the lease in time. When that fails, others may take the runs: this process lets go of them first.
async fn keep_lease(core: &Core, mut renewed: Instant) {
    let lease = core.settings.lease;
    loop {
        sleep(lease / 3).await;
        let end = renewed + lease;
        match timeout_at(end, renew(core)).await {
            Ok(Ok(at)) => renewed = at,
            Ok(Err(_)) if Instant::now() < end => sleep(lease / 20).await,
            _ => {
                tracing::error!(worker = %core.worker, "the lease could not be renewed in time: this process drops its runs");
                core.lives().values().for_each(|live| live.stop.cancel());
                while let Err(error) = renew(core).await.map(|at| renewed = at) {
                    tracing::warn!(?error, "the lease cannot be renewed yet");
                    sleep(lease / 3).await;
                }
            }
        }
    }
}

/// Compares what is driven here with what the store says.
async fn look_after(core: &Arc<Core>) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut orphans = HashSet::new();
    loop {
        ticks.tick().await;
        match look(core, &orphans).await {
            Ok(found) => orphans = found,
            Err(error) => tracing::warn!(%error, "the runs of this process could not be looked up"),
        }
    }
}

/// One look. Gives the runs that are this worker's and that nobody here drives; a run that was so at the look before
/// too is taken up: its drive ended because the store failed.
async fn look(core: &Arc<Core>, orphans: &HashSet<(RunId, u64)>) -> Result<HashSet<(RunId, u64)>, Error> {
    // Before the reading: a run that is begun meanwhile is not in what is read.
    let driven: Vec<_> = core.lives().values().cloned().collect();
    let owned = core.history().owned(core.worker).await?;
    let held: HashSet<_> = owned.iter().map(|claim| (claim.run, claim.epoch)).collect();
    for live in driven.iter().filter(|live| !held.contains(&(live.run, live.epoch))) {
        live.stop.cancel();
    }
    let mut found = HashSet::new();
    for claim in &owned {
        match core.live(claim.run) {
            Some(live) => live.tell(claim.inbox_seq),
            None if orphans.contains(&(claim.run, claim.epoch)) => {
                // What the drive before had still queued is written first.
                renew(core).await.map_err(store_failed)?;
                core.adopt(claim, core.begin(claim));
            }
            None => _ = found.insert((claim.run, claim.epoch)),
        }
    }
    Ok(found)
}

async fn claim_now_and_then(core: &Arc<Core>) {
    loop {
        sleep(core.settings.lease / 2).await;
        if let Err(error) = core.claim_any().await {
            tracing::warn!(%error, "runs that nobody drives could not be claimed");
        }
    }
}

/// Takes up runs that are suspected of killing processes, one after the other: the next one once this one has got something done,
/// or has been driven for a while.
async fn try_suspects(core: &Arc<Core>) {
    loop {
        match core.claim_suspect().await {
            Ok(Some(run)) => {
                let probation = Instant::now() + core.settings.lease * 4;
                while core.live(run).is_some_and(|live| !live.has_moved()) && Instant::now() < probation {
                    sleep(LOOK / 4).await;
                }
            }
            Ok(None) => sleep(core.settings.lease / 2).await,
            Err(error) => {
                tracing::warn!(%error, "suspected runs could not be claimed");
                sleep(core.settings.lease / 2).await;
            }
        }
    }
}

async fn prune_now_and_then(core: &Core, retention: Duration) {
    let mut ticks = interval(retention.clamp(LOOK, PRUNE));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = prune(core, retention, false).await {
            tracing::warn!(%error, "runs that are kept no longer could not be deleted");
        }
    }
}

/// Deletes runs that are over and have not changed for so long.
///
/// # Errors
/// `Store`; what was deleted before is gone.
pub(super) async fn prune(core: &Core, older_than: Duration, failed: bool) -> Result<u64, Error> {
    let Some(before) = core.now().checked_sub(older_than) else { return Ok(0) };
    let mut all = 0;
    loop {
        let record = Record::Prune { before, failed, limit: PRUNE_AT_ONCE };
        match core.batcher.commit(record).await.map_err(store_failed)? {
            Committed::Pruned(0) => return Ok(all),
            Committed::Pruned(runs) => all += runs,
            other => unreachable!("`Prune` answers `Pruned`, not `{other:?}`"),
        }
    }
}
