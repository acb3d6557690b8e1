//! The answers of one live run: which have come, who waits for them, and in which order they are handed out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::context::{Answer, Busy};
use crate::store::InboxRow;

/// Answers and the places that wait for them.
#[derive(Debug, Default)]
pub(super) struct Inbox(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<String, Waiter>,
    /// The number of the last waiter, to tell two waiters of one path apart.
    last: u64,
    /// Whether an answer lies with its waiter and is not taken yet.
    untaken: bool,
    /// Read, and not handed out. One that comes before its waiter stays here until there is one.
    rows: BTreeMap<u64, InboxRow>,
    /// Handed out, and perhaps not consumed in the store yet.
    delivered: BTreeSet<u64>,
    /// Every answer up to this number has been read.
    read_up_to: u64,
    /// There are answers up to this number, the store says.
    told: u64,
}

#[derive(Debug)]
struct Waiter {
    id: u64,
    waker: Option<Waker>,
    answer: Option<(InboxRow, Busy)>,
}

impl Inbox {
    pub(super) fn new(inbox_seq: u64) -> Self {
        Self(Mutex::new(State { read_up_to: inbox_seq, told: inbox_seq, ..State::default() }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the answer to a path. The waiter counts from this call on.
    pub(super) fn wait(&self, path: String) -> Wait<'_> {
        let mut state = self.state();
        state.last += 1;
        let id = state.last;
        state.waiting.insert(path.clone(), Waiter { id, waker: None, answer: None });
        Wait { inbox: self, path, id }
    }

    /// How many places wait.
    pub(super) fn waiting(&self) -> usize {
        self.state().waiting.len()
    }

    /// Takes in what the store has, read when `told` answers were known of.
    pub(super) fn read(&self, rows: Vec<InboxRow>, told: u64) {
        let mut state = self.state();
        let last = rows.iter().map(|row| row.seq).max().unwrap_or(0);
        state.read_up_to = state.read_up_to.max(told).max(last);
        let there: BTreeSet<u64> = rows.iter().map(|row| row.seq).collect();
        // What the store does not have any more is consumed.
        state.delivered.retain(|seq| there.contains(seq));
        let new = rows.into_iter().filter(|row| !state.delivered.contains(&row.seq)).map(|row| (row.seq, row)).collect();
        state.rows = new;
    }

    /// The store says there are so many answers. Whether some of them are unread.
    pub(super) fn tell(&self, inbox_seq: u64) -> bool {
        let mut state = self.state();
        state.told = state.told.max(inbox_seq);
        state.told > state.read_up_to
    }

    pub(super) fn told(&self) -> u64 {
        self.state().told
    }

    pub(super) fn read_up_to(&self) -> u64 {
        self.state().read_up_to
    }

    /// Whether an answer could be handed out.
    pub(super) fn deliverable(&self) -> bool {
        let state = self.state();
        !state.untaken && state.next().is_some()
    }

    /// Hands one answer to its waiter, the oldest first, and none before the one before it was taken: where two
    /// places wait in a race, the answer that came first must win it.
    pub(super) fn deliver(&self, busy: &Arc<AtomicUsize>) {
        let mut state = self.state();
        if state.untaken {
            return;
        }
        let Some(row) = state.next().and_then(|seq| state.rows.remove(&seq)) else { return };
        state.untaken = true;
        state.delivered.insert(row.seq);
        // The token is taken before the waiter is woken: between the two nobody may park.
        let token = Busy::new(busy);
        let waker = state.waiting.get_mut(&row.path).and_then(|waiter| {
            waiter.answer = Some((row, token));
            waiter.waker.take()
        });
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}

impl State {
    /// The oldest answer that somebody waits for.
    fn next(&self) -> Option<u64> {
        self.rows.values().find(|row| self.waiting.contains_key(&row.path)).map(|row| row.seq)
    }
}

/// Waits for one answer.
#[derive(Debug)]
pub(super) struct Wait<'i> {
    inbox: &'i Inbox,
    path: String,
    id: u64,
}

impl Future for Wait<'_> {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let mut state = self.inbox.state();
        let Some(waiter) = state.waiting.get_mut(&self.path).filter(|waiter| waiter.id == self.id) else { return Poll::Pending };
        let Some((row, busy)) = waiter.answer.take() else {
            waiter.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        state.waiting.remove(&self.path);
        state.untaken = false;
        Poll::Ready(Answer { payload: row.payload, busy })
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut state = self.inbox.state();
        if state.waiting.get(&self.path).is_none_or(|waiter| waiter.id != self.id) {
            return;
        }
        // A loser of a race: what it did not take is not lost, should its place be waited for again.
        if let Some((row, _)) = state.waiting.remove(&self.path).and_then(|waiter| waiter.answer) {
            state.untaken = false;
            state.delivered.remove(&row.seq);
            state.rows.insert(row.seq, row);
        }
    }
}
