//! The poll loop of a live run, and when it rests.
//!
//! A run rests when nothing is busy and a place waits. That is counted, not guessed from wakers: tokio puts a wake off
//! when a task has used its budget up, so that a run with arms that have yet to be polled looks idle from outside.
//! Two more things stand between a quiet look and parking: the delivery of every wake that was put off, which the
//! [`Fence`] tells, and the linger.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use futures::task::AtomicWaker;
use tracing::Instrument;

use super::fence::Fence;
use super::{Live, Lost};
use crate::context::Host;
use crate::error::{Error, ErrorKind, panic_message};
use crate::store::{Committed, InboxRow, Record};

/// How long to wait before an inbox that could not be read is read again.
const READ_AGAIN: Duration = Duration::from_millis(100);

/// What reaches the task of a run from outside of it.
#[derive(Debug, Default)]
pub(super) struct Signal {
    /// The run's code was woken since it was last polled.
    woken: AtomicBool,
    /// There may be unread answers.
    pub(super) dirty: AtomicBool,
    pub(super) task: AtomicWaker,
    pub(super) fence: Fence,
    /// The run could rest, but for wakes that were put off.
    pub(super) resting: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.task.wake();
    }
}

/// Why the poll loop came to a stop.
#[derive(Debug)]
pub(crate) enum Turn {
    /// The code has ended.
    Ended(Result<(), Error>),
    /// Every place waits, and all answers up to this number have been read.
    Quiet(u64),
    /// The run cannot go on here.
    Lost(Lost),
}

type Reading = BoxFuture<'static, (Result<Vec<InboxRow>, Error>, u64)>;

/// The code of a run, being polled.
pub(crate) struct Turns<'a> {
    live: Arc<Live>,
    root: BoxFuture<'a, Result<(), Error>>,
    waker: Waker,
    reading: Option<Reading>,
    /// Runs while everything is quiet.
    rest: Option<BoxFuture<'static, ()>>,
    linger: Duration,
}

impl<'a> Turns<'a> {
    pub(crate) fn new(live: &Arc<Live>, root: BoxFuture<'a, Result<(), Error>>, linger: Duration) -> Self {
        let span = tracing::info_span!("run", id = %live.run, workflow = live.workflow);
        // A panic in the code of a workflow fails its run, not the process.
        let root = AssertUnwindSafe(root).catch_unwind().map(|end| end.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))));
        let root = root.instrument(span).boxed();
        live.signal.woken.store(true, Ordering::SeqCst);
        Self { live: Arc::clone(live), root, waker: live.waker(), reading: None, rest: None, linger }
    }

    /// Goes on until the code ends or rests.
    pub(crate) async fn next(&mut self) -> Turn {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let live = Arc::clone(&self.live);
        live.signal.task.register(cx.waker());
        loop {
            self.read(cx);
            live.inbox.deliver(&live.busy);
            // Not in vain: each poll puts marks out, and the run would wait for them for ever.
            if live.signal.woken.swap(false, Ordering::SeqCst)
                && let Poll::Ready(end) = self.poll_root()
            {
                return Poll::Ready(Turn::Ended(end));
            }
            if let Some(lost) = live.lost.get() {
                return Poll::Ready(Turn::Lost(lost.clone()));
            }
            let unread = self.reading.is_none() && live.is_dirty();
            if !unread && !live.inbox.deliverable() {
                return self.settle(cx);
            }
        }
    }

    fn poll_root(&mut self) -> Poll<Result<(), Error>> {
        self.rest = None;
        Fence::mark(&self.live.signal);
        let end = self.root.as_mut().poll(&mut Context::from_waker(&self.waker));
        Fence::mark(&self.live.signal);
        end
    }

    /// Reads the answers, while there may be new ones.
    fn read(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.reading.is_none() {
                if !self.live.signal.dirty.swap(false, Ordering::SeqCst) {
                    return;
                }
                self.reading = Some(read(Arc::clone(&self.live), Duration::ZERO));
            }
            let Some(Poll::Ready((rows, told))) = self.reading.as_mut().map(|reading| reading.poll_unpin(cx)) else { return };
            self.reading = match rows {
                Ok(rows) => {
                    self.live.inbox.read(rows, told);
                    None
                }
                Err(error) => {
                    tracing::warn!(run = %self.live.run, %error, "the answers of a run could not be read");
                    Some(read(Arc::clone(&self.live), READ_AGAIN))
                }
            };
        }
    }

    /// Nothing more can be done in this turn: is it rest?
    fn settle(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        let live = &self.live;
        let busy = live.busy.load(Ordering::SeqCst) > 0;
        let waits = live.inbox.waiting() > 0;
        // Said before the fence is asked: the last mark to be met then wakes the task, or is met already.
        live.signal.resting.store(!busy, Ordering::SeqCst);
        // Asked before the flag is: what was woken behind the fence is then seen.
        let moving = !live.signal.fence.is_clear() || self.reading.is_some() || live.signal.woken.load(Ordering::SeqCst);
        if live.closing.is_cancelled() && (busy || !waits && !moving) {
            return Poll::Ready(Turn::Lost(Lost::Closed));
        }
        if busy || moving || !waits {
            self.rest = None;
            live.show_quiet(None);
            return Poll::Pending;
        }
        let rest = self.rest.get_or_insert_with(|| rest(Arc::clone(&self.live), self.linger));
        if rest.poll_unpin(cx).is_pending() {
            return Poll::Pending;
        }
        self.rest = None;
        Poll::Ready(Turn::Quiet(self.live.inbox.read_up_to()))
    }
}

fn read(live: Arc<Live>, wait: Duration) -> Reading {
    async move {
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        // Before the reading: an answer that is counted here is there to be read.
        let told = live.inbox.told();
        (live.committer.store().inbox(live.run).await, told)
    }
    .boxed()
}

/// From the first quiet look to parking.
fn rest(live: Arc<Live>, linger: Duration) -> BoxFuture<'static, ()> {
    async move {
        live.show_quiet(Some(live.inbox.read_up_to()));
        if !linger.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(linger) => {}
                () = live.closing.cancelled() => {}
            }
        }
    }
    .boxed()
}

pub(crate) fn panicked(payload: &(dyn std::any::Any + Send)) -> Error {
    Error::kind(ErrorKind::Panicked, format!("panicked: {}", panic_message(payload)))
}

/// How the drive of a run ended.
#[derive(Debug)]
pub(crate) enum Rest {
    /// The run has ended, and that is written.
    Ended,
    /// The run is parked: rows only.
    Parked,
    /// The run goes on elsewhere or later.
    Lost(Lost),
}

/// Drives a run until it ends, parks or is lost.
pub(crate) async fn drive_to_rest(live: &Arc<Live>, root: BoxFuture<'_, Result<(), Error>>, linger: Duration) -> Rest {
    let mut turns = Turns::new(live, root, linger);
    loop {
        match turns.next().await {
            Turn::Ended(Ok(())) => return Rest::Ended,
            Turn::Ended(Err(error)) => {
                // What the code still holds goes before the run can be retried.
                drop(turns);
                return live.fail(error).await.map_or_else(Rest::Lost, |_| Rest::Ended);
            }
            Turn::Lost(Lost::Closed) => {
                drop(turns);
                return Rest::Lost(live.flush().await.err().unwrap_or(Lost::Closed));
            }
            Turn::Lost(lost) => return Rest::Lost(lost),
            Turn::Quiet(inbox_seq) => {
                if let Some(rest) = park(live, inbox_seq).await {
                    return rest;
                }
            }
        }
    }
}

/// Puts a run to rest, unless an answer came.
async fn park(live: &Live, inbox_seq: u64) -> Option<Rest> {
    if let Err(lost) = live.flush().await {
        return Some(Rest::Lost(lost));
    }
    match live.write(Record::Park { run: live.run, epoch: live.epoch, inbox_seq, now: live.now() }).await {
        Ok(Committed::Moved { inbox_seq }) => {
            live.tell(inbox_seq);
            None
        }
        Ok(_) => Some(Rest::Parked),
        Err(lost) => Some(Rest::Lost(lost)),
    }
}
