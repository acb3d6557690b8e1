//! The stores of this crate, held against every property, and one that breaks some.

use futures::future::BoxFuture;

use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;
use crate::store::{
    Checkpoint, Claim, Committed, FrameBytes, History, InboxRow, Memory, Record, Refused, RunFilter, RunRow, Store,
    SuspensionRow, TimerRow, ValueId, WorkerId,
};

mod memory {
    crate::store::conformance::suite!(crate::store::Memory::default());
}

#[cfg(feature = "sqlite")]
mod sqlite {
    crate::store::conformance::suite! {
        let folder = tempfile::tempdir().unwrap();
        crate::store::Sqlite::open(folder.path().join("flow.db")).unwrap()
    }
}

#[cfg(all(feature = "postgres", unix))]
mod postgres {
    use crate::testing::PostgresServer;

    crate::store::conformance::suite!(match PostgresServer::shared() {
        Some(server) => server.store().await.unwrap(),
        None => return,
    });
}

/// Parks a run whatever came meanwhile.
#[derive(Default)]
struct Hasty(Memory);

impl Store for Hasty {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        Box::pin(async move {
            let mut answers = Vec::new();
            for mut record in batch {
                if let Record::Park { run, inbox_seq, .. } = &mut record {
                    *inbox_seq = self.run(*run).await.unwrap().map_or(0, |row| row.inbox_seq);
                }
                answers.extend(self.0.commit(vec![record]).await);
            }
            answers
        })
    }
}

impl History for Hasty {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.0.runs(filter)
    }
    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.0.run(run)
    }
    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        self.0.frames(run)
    }
    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.0.values(run)
    }
    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.0.events(run, from)
    }
    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.0.suspensions(run)
    }
    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.0.timers(limit)
    }
    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.0.inbox(run)
    }
    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.0.checkpoints(run)
    }
    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.0.owned(worker)
    }
}

#[tokio::test]
#[should_panic(
    expected = "the store breaks: deferred_wakes_find_every_answer, park_and_resume_have_no_write_skew, park_moves_when_answered"
)]
async fn a_store_that_breaks_properties_is_found() {
    super::all(async || Hasty::default()).await;
}
