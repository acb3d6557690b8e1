//! Arms of which there are as many as items, and arms of which the first wins.
//!
//! How many items run at once is bounded by slots. An arm has a slot while something of it is executing; one that only
//! waits for an answer gives its slot back, and an answered one is polled again once there is a slot for it. So the
//! items are polled here one by one, each with a waker of its own.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::SystemTime;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::context::{Answer, Busy, Change, Cx, DONE, Host, Scope};
use crate::error::Error;
use crate::event::Fact;
use crate::machine::At;
use crate::run::RunId;
use crate::snapshot::Frame;
use crate::step::Shared;
use crate::store::{Opening, ValueId};

/// How many times arms that woke themselves are polled again before others than these get their turn: what woke them may come only
/// then, as tokio's budget does.
const SELF_WOKEN: usize = 32;

impl<'a, A> Cx<'a, A> {
    /// The arms of the items at a place.
    pub fn many<I: Clone>(&self, at: &At, items: Vec<I>, limit: Option<usize>) -> Many<'a, A, I> {
        let path = self.scope.place(at);
        Many { app: self.app(), scope: self.scope.clone(), path, items, limit, beginning: Mutex::default() }
    }

    /// The arm that a stored run says was first.
    pub fn won(&self, at: &At, arms: &[&str]) -> Option<usize> {
        let host = self.scope.host.as_ref()?;
        let path = self.scope.place(at);
        arms.iter().position(|arm| host.place(&format!("{path}/{arm}#0")).is_some_and(|place| place == DONE))
    }
}

/// One arm for each item.
#[derive(Debug)]
pub struct Many<'a, A, I> {
    app: &'a A,
    scope: Scope,
    /// The place's path.
    path: String,
    items: Vec<I>,
    limit: Option<usize>,
    /// The arm that is polled for the first time.
    beginning: Mutex<Option<(usize, Scope)>>,
}

impl<'a, A, I: Clone> Many<'a, A, I> {
    /// Called by an arm as its first act: its context and its item.
    ///
    /// # Panics
    /// When nothing polls the arm for the first time, which would be a fault of this module.
    pub fn begin(&self) -> (Cx<'a, A>, I) {
        let (index, scope) = lock(&self.beginning).take().expect("an arm begins when it is polled first");
        (Cx::new(self.app, scope), self.items[index].clone())
    }

    /// Runs the arms to their ends; their outputs come in the order of the items.
    ///
    /// # Errors
    /// The first error of an arm. The other arms are dropped.
    pub async fn run<T, F: Future<Output = Result<T, Error>>>(&self, arm: impl Fn() -> F) -> Result<Vec<T>, Error> {
        let ready = Arc::new(Ready::default());
        let mut arms: Vec<Arm<F, T>> = Vec::new();
        arms.resize_with(self.items.len(), || Arm::New);
        let (mut executing, mut next, mut left) = (0, 0, self.items.len());
        // Where nothing ends, no item may hold up another.
        let limit = self.limit.filter(|_| !self.scope.only_looks()).map_or(usize::MAX, |limit| limit.max(1));
        std::future::poll_fn(|task| {
            ready.listen(task.waker());
            let mut self_woken = 0;
            while left > 0 {
                // A started arm goes before a new one; one that has a slot needs none.
                let woken = ready.take(|index| executing < limit || arms[index].executes());
                let index = match woken {
                    Some(index) => index,
                    None if next < arms.len() && executing < limit => {
                        arms[next] = self.started(next, &ready, &arm);
                        next += 1;
                        next - 1
                    }
                    None => return Poll::Pending,
                };
                let had_slot = arms[index].executes();
                match arms[index].poll() {
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Ready(Ok(())) => left -= 1,
                    Poll::Pending => self_woken += usize::from(ready.has(index)),
                }
                executing = executing + usize::from(arms[index].executes()) - usize::from(had_slot);
                // The task was woken with the arm.
                if self_woken > SELF_WOKEN {
                    return Poll::Pending;
                }
            }
            Poll::Ready(Ok(()))
        })
        .await?;
        Ok(arms.into_iter().filter_map(Arm::output).collect())
    }

    fn started<T, F: Future<Output = Result<T, Error>>>(
        &self,
        index: usize,
        ready: &Arc<Ready>,
        arm: impl Fn() -> F,
    ) -> Arm<F, T> {
        let busy = Arc::new(AtomicUsize::new(0));
        let host = self.scope.host.as_ref().map(|host| {
            let item: Arc<dyn Host> = Arc::new(ItemHost { host: Arc::clone(host), busy: Arc::clone(&busy) });
            item
        });
        // Without a host nothing can wait, so what is not ready executes.
        let counts = host.is_some();
        let path = if counts { format!("{}[{index}]", self.path) } else { String::new() };
        *lock(&self.beginning) = Some((index, Scope { host, path, home: self.scope.home }));
        let waker = Waker::from(Arc::new(ItemWaker { index, ready: Arc::clone(ready) }));
        Arm::Started { future: Box::pin(arm()), waker, busy: counts.then_some(busy), executes: false }
    }
}

enum Arm<F, T> {
    New,
    Started { future: Pin<Box<F>>, waker: Waker, busy: Option<Arc<AtomicUsize>>, executes: bool },
    Done(T),
}

impl<T, F: Future<Output = Result<T, Error>>> Arm<F, T> {
    fn poll(&mut self) -> Poll<Result<(), Error>> {
        let Self::Started { future, waker, busy, executes } = self else { return Poll::Pending };
        match future.as_mut().poll(&mut Context::from_waker(waker)) {
            Poll::Pending => {
                *executes = busy.as_ref().is_none_or(|busy| busy.load(Ordering::SeqCst) > 0);
                Poll::Pending
            }
            Poll::Ready(output) => Poll::Ready(output.map(|output| *self = Self::Done(output))),
        }
    }

    fn executes(&self) -> bool {
        matches!(self, Self::Started { executes: true, .. })
    }

    fn output(self) -> Option<T> {
        if let Self::Done(output) = self { Some(output) } else { None }
    }
}

/// The arms that were woken, in the order they were.
#[derive(Default)]
struct Ready(Mutex<(VecDeque<usize>, Option<Waker>)>);

impl Ready {
    fn listen(&self, waker: &Waker) {
        lock(&self.0).1 = Some(waker.clone());
    }

    fn has(&self, index: usize) -> bool {
        lock(&self.0).0.contains(&index)
    }

    /// The first of them that may be polled.
    fn take(&self, may: impl Fn(usize) -> bool) -> Option<usize> {
        let woken = &mut lock(&self.0).0;
        let at = woken.iter().position(|index| may(*index))?;
        woken.remove(at)
    }
}

struct ItemWaker {
    index: usize,
    ready: Arc<Ready>,
}

impl Wake for ItemWaker {
    fn wake(self: Arc<Self>) {
        let mut ready = lock(&self.ready.0);
        if !ready.0.contains(&self.index) {
            ready.0.push_back(self.index);
        }
        let waker = ready.1.clone();
        drop(ready);
        waker.into_iter().for_each(Waker::wake);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The host of one item: it counts what executes there.
struct ItemHost {
    host: Arc<dyn Host>,
    busy: Arc<AtomicUsize>,
}

impl Host for ItemHost {
    fn run(&self) -> RunId {
        self.host.run()
    }
    fn frame(&self, path: &str) -> Option<Frame> {
        self.host.frame(path)
    }
    fn place(&self, path: &str) -> Option<String> {
        self.host.place(path)
    }
    fn below(&self, place: &str) -> Vec<String> {
        self.host.below(place)
    }
    fn commit(&self, change: Change) -> BoxFuture<'_, Result<(), Error>> {
        self.host.commit(change)
    }
    fn wait(&self, path: String) -> BoxFuture<'_, Answer> {
        self.host.wait(path)
    }
    fn reopen(&self, path: &str, opening: &dyn Fn() -> Opening) {
        self.host.reopen(path, opening);
    }
    fn note(&self, fact: Fact) {
        self.host.note(fact);
    }
    fn busy(&self) -> Busy {
        self.host.busy().and(&self.busy)
    }
    fn new_value(&self) -> ValueId {
        self.host.new_value()
    }
    fn value_limit(&self) -> usize {
        self.host.value_limit()
    }
    fn reloads(&self) -> bool {
        self.host.reloads()
    }
    fn only_looks(&self) -> bool {
        self.host.only_looks()
    }
    fn misfit(&self, path: &str, frame: &Frame, error: &Error) {
        self.host.misfit(path, frame, error);
    }
    fn cancelled(&self) -> &CancellationToken {
        self.host.cancelled()
    }
    fn shared(&self) -> &Shared {
        self.host.shared()
    }
    fn now(&self) -> SystemTime {
        self.host.now()
    }
    fn emit(&self, path: &str, delta: serde_json::Value) {
        self.host.emit(path, delta);
    }
}
