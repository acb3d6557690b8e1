//! Events of a run from a number on: what is stored first, then what is written, without gap or duplicate.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use futures::stream::unfold;
use tokio::sync::watch::Receiver;

use super::core::Core;
use crate::error::Error;
use crate::event::Event;
use crate::live::{Delta, Seen};
use crate::run::RunId;

/// How often to look at a run that another process drives.
const LOOK: Duration = Duration::from_millis(100);

struct Watch {
    core: Arc<Core>,
    run: RunId,
    next: u64,
    read: VecDeque<Event>,
    over: bool,
}

/// The events of a run. Everything is read from the store, so that there is one order of them; a run that is driven
/// here says when to look.
pub(crate) fn events(core: Arc<Core>, run: RunId, from: u64) -> impl Stream<Item = Result<Event, Error>> + Send + 'static {
    let watch = Watch { core, run, next: from, read: VecDeque::new(), over: false };
    unfold(watch, |mut watch| async move {
        let event = watch.next().await.transpose()?;
        watch.over |= event.is_err();
        Some((event, watch))
    })
}

impl Watch {
    async fn next(&mut self) -> Result<Option<Event>, Error> {
        while !self.over {
            if let Some(event) = self.read.pop_front() {
                self.next = event.seq + 1;
                return Ok(Some(event));
            }
            self.look().await?;
        }
        Ok(None)
    }

    async fn look(&mut self) -> Result<(), Error> {
        // Before the reading, so that nothing is missed between the two.
        let seen = self.core.live(self.run).map(|live| live.seen());
        let ended = self.core.row(self.run).await?.status.is_final();
        self.read = self.core.history().events(self.run, self.next).await?.into();
        if !self.read.is_empty() {
            return Ok(());
        }
        self.over = ended;
        if !ended {
            change(seen).await;
        }
        Ok(())
    }
}

/// Until this process wrote something to a run, or it is time to look whether another one did.
pub(crate) async fn change(seen: Option<Receiver<Seen>>) {
    let change = async {
        let changed = match seen {
            Some(mut seen) => seen.changed().await.is_ok(),
            None => false,
        };
        if !changed {
            std::future::pending::<()>().await;
        }
    };
    let _ = tokio::time::timeout(LOOK, change).await;
}

/// What steps show while they run. Whoever is slow misses some.
pub(crate) fn deltas(core: &Core, run: RunId) -> impl Stream<Item = Delta> + Send + use<> {
    use tokio::sync::broadcast::error::RecvError;
    unfold(core.deltas.subscribe(), move |mut deltas| async move {
        loop {
            match deltas.recv().await {
                Ok(delta) if delta.run == run => return Some((delta, deltas)),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    })
}
