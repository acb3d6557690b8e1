//! A store behind an `Arc` is a store: several runtimes of one process may share it.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    Checkpoint, Claim, Committed, FrameBytes, History, InboxRow, Record, Refused, RunFilter, RunRow, Store, SuspensionRow,
    TimerRow, ValueId, WorkerId,
};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;

impl<S: Store + ?Sized> Store for Arc<S> {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        (**self).commit(batch)
    }
}

impl<S: History + ?Sized> History for Arc<S> {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        (**self).runs(filter)
    }

    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        (**self).run(run)
    }

    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        (**self).frames(run)
    }

    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        (**self).values(run)
    }

    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        (**self).events(run, from)
    }

    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        (**self).suspensions(run)
    }

    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        (**self).timers(limit)
    }

    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        (**self).inbox(run)
    }

    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        (**self).checkpoints(run)
    }
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        (**self).owned(worker)
    }
}
