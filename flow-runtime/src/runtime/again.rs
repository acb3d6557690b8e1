//! A record that somebody outside of a run waits for is given to a failing store again. Each of them may have been applied the
//! first time: a start is known by its id, a resume and a signal by the name of their request, and to cancel twice is nothing
//! new.

use std::time::Duration;

use super::core::Core;
use crate::live::AGAIN;
use crate::run::RunId;
use crate::store::{Committed, NewRun, Record, Refused};

impl Core {
    /// Writes a record that may be written twice.
    pub(super) async fn commit_again(&self, record: Record) -> Result<Committed, Refused> {
        let mut waits = AGAIN.iter();
        loop {
            let refusal = match self.batcher.commit(record.clone()).await {
                Err(refusal @ Refused::Store(_)) => refusal,
                answer => return answer,
            };
            let Some(wait) = waits.next() else { return Err(refusal) };
            tokio::time::sleep(Duration::from_millis(*wait)).await;
        }
    }

    /// Begins a run.
    pub(super) async fn commit_start(&self, new: NewRun) -> Result<Committed, Refused> {
        let (run, mut waits) = (new.run, AGAIN.iter());
        loop {
            let refusal = match self.batcher.commit(Record::Start(Box::new(new.clone()))).await {
                Err(refusal @ Refused::Store(_)) => refusal,
                answer => return answer,
            };
            let Some(wait) = waits.next() else { return Err(refusal) };
            tokio::time::sleep(Duration::from_millis(*wait)).await;
            if self.is_there(run).await {
                return Ok(Committed::Started { run, fresh: true });
            }
        }
    }

    async fn is_there(&self, run: RunId) -> bool {
        self.history().run(run).await.is_ok_and(|row| row.is_some())
    }
}
