//! Whether every wake that tokio put off during a poll has been delivered.
//!
//! When a task has used its budget up, tokio does not wake a future that could go on: it keeps the waker in a list of
//! the worker thread, and wakes the list after the task was polled. Meanwhile the task may already run on another
//! thread, where those futures look as if they waited. So each poll is bracketed by two wakers of our own in that
//! list: whether it is worked off from the front or from the back, once both were woken all between them were.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use super::turns::Signal;

/// The marks of a run's polls.
#[derive(Debug, Default)]
pub(super) struct Fence {
    out: AtomicUsize,
}

impl Fence {
    /// Whether no wake of a poll between two marks is still to come.
    pub(super) fn is_clear(&self) -> bool {
        self.out.load(Ordering::SeqCst) == 0
    }

    /// Puts a mark among the wakes that are put off on this thread. Outside of tokio it is met at once.
    pub(super) fn mark(signal: &Arc<Signal>) {
        signal.fence.out.fetch_add(1, Ordering::SeqCst);
        let mark = Waker::from(Arc::new(Mark(Arc::clone(signal))));
        let put_off = pin!(tokio::task::yield_now());
        let _ = put_off.poll(&mut Context::from_waker(&mark));
    }
}

/// A waker is told apart by its address, so that tokio never takes two marks for one.
struct Mark(Arc<Signal>);

impl Wake for Mark {
    fn wake(self: Arc<Self>) {
        let Self(signal) = &*self;
        // Only a run that could rest waits for its marks; it would poll itself for ever otherwise.
        if signal.fence.out.fetch_sub(1, Ordering::SeqCst) == 1 && signal.resting.load(Ordering::SeqCst) {
            signal.task.wake();
        }
    }
}
