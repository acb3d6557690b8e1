use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::FutureExt;
use futures::future::BoxFuture;
use uuid::Uuid;

use super::*;
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;
use crate::store::{
    Checkpoint, Claim, FrameBytes, History, InboxRow, RunFilter, RunRow, SuspensionRow, TimerRow, ValueId, WorkerId,
};

/// Notes what it is given, slowly, and gives so many answers too few or too many.
#[derive(Default)]
struct Slow {
    groups: Mutex<Vec<Vec<u64>>>,
    wrong_by: isize,
    panics: bool,
}

impl Store for Slow {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Answer>> {
        assert!(!self.panics, "the store panics");
        let answers = batch.len().saturating_add_signed(self.wrong_by);
        self.groups.lock().unwrap().push(batch.iter().map(number).collect());
        async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            vec![Ok(Committed::Done); answers]
        }
        .boxed()
    }
}

impl History for Slow {
    fn runs(&self, _: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        unreachable!()
    }
    fn run(&self, _: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        unreachable!()
    }
    fn frames(&self, _: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        unreachable!()
    }
    fn values(&self, _: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        unreachable!()
    }
    fn events(&self, _: RunId, _: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        unreachable!()
    }
    fn suspensions(&self, _: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        unreachable!()
    }
    fn inbox(&self, _: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        unreachable!()
    }
    fn timers(&self, _: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        unreachable!()
    }
    fn checkpoints(&self, _: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        unreachable!()
    }
    fn owned(&self, _: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        unreachable!()
    }
}

fn record(number: u64) -> Record {
    Record::Lease { worker: Uuid::nil(), until: UNIX_EPOCH + Duration::from_secs(number) }
}

fn number(record: &Record) -> u64 {
    let seconds = |time: &SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    if let Record::Lease { until, .. } = record { seconds(until) } else { unreachable!() }
}

#[tokio::test(start_paused = true)]
async fn groups_what_is_queued_and_keeps_the_order() {
    let slow = Arc::new(Slow::default());
    let batcher = Batcher::new(slow.clone());
    let answers: Vec<_> = (0..600).map(|n| batcher.commit(record(n))).collect();
    for answer in answers {
        assert_eq!(answer.await.unwrap(), Committed::Done);
    }
    let groups = slow.groups.lock().unwrap();
    assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [256, 256, 88]);
    assert!(groups.iter().flatten().copied().eq(0..600));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_future_changes_neither_order_nor_fate() {
    let slow = Arc::new(Slow::default());
    let batcher = Batcher::new(slow.clone());
    drop(batcher.commit(record(0)));
    batcher.send(record(1));
    let last = batcher.commit(record(2));
    drop(batcher);
    last.await.unwrap();
    assert!(slow.groups.lock().unwrap().iter().flatten().copied().eq(0..3));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_number_of_answers_refuses_all() {
    for wrong_by in [-3, -1, 1] {
        let batcher = Batcher::new(Arc::new(Slow { wrong_by, ..Slow::default() }));
        let answers = [batcher.commit(record(0)), batcher.commit(record(1)), batcher.commit(record(2))];
        for answer in futures::future::join_all(answers).await {
            assert!(
                matches!(&answer, Err(Refused::Store(error)) if error.to_string().contains("must answer each")),
                "{answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_store_that_panics_hangs_nobody() {
    let batcher = Batcher::new(Arc::new(Slow { panics: true, ..Slow::default() }));
    for _ in 0..2 {
        let answer = batcher.commit(record(0)).await;
        assert!(matches!(&answer, Err(Refused::Store(error)) if error.is_store()), "{answer:?}");
        batcher.send(record(1));
    }
}

#[test]
fn after_the_runtime_everything_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let batcher = runtime.block_on(async { Batcher::new(Arc::new(Slow::default())) });
    let queued = batcher.commit(record(0));
    drop(runtime);
    for answer in [queued.now_or_never(), batcher.commit(record(1)).now_or_never()] {
        assert!(matches!(answer, Some(Err(Refused::Store(_)))), "{answer:?}");
    }
}
