//! What generated code and steps may ask of whoever drives them.
//!
//! Everything below goes through one object-safe [`Host`]. Without a host (a workflow that cannot suspend, driven by
//! `W::run`) nothing is encoded, committed or counted.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::encoded::Encoded;
use crate::error::{Error, StepError};
use crate::event::Fact;
use crate::machine::{Asked, At, Flow, Machine, START, Slots, Stop, Waiting};
use crate::node::{Data, Node, NodeKind, Step};
use crate::rules::Here;
use crate::run::RunId;
pub use crate::scope::Scope;
use crate::snapshot::{Frame, StoredFrame};
use crate::step::Shared;
use crate::store::{FrameWrite, Opening, ValueId};
use crate::waiting::{read_answer, timer_set};
use crate::workflow::{Definition, yield_now_and_then};

/// The place of a finished arm's frame.
pub(crate) const DONE: &str = "done";
/// The variable in it.
pub(crate) const OUTPUT: &str = "output";

/// Who drives a run: it keeps what changes and brings what comes from outside.
pub trait Host: Send + Sync {
    /// The run.
    fn run(&self) -> RunId;
    /// The stored frame of a machine, if it has one.
    fn frame(&self, path: &str) -> Option<Frame>;
    /// The place of a machine's stored frame, which stays there.
    fn place(&self, path: &str) -> Option<String>;
    /// What the paths of stored frames begin with at a place, behind the path of the place: its arms.
    fn below(&self, place: &str) -> Vec<String>;
    /// Writes one transition. When it resolves, the transition is as durable as the store can make it.
    fn commit(&self, change: Change) -> BoxFuture<'_, Result<(), Error>>;
    /// Waits for the answer to a suspension.
    fn wait(&self, path: String) -> BoxFuture<'_, Answer>;
    /// Opens a suspension again that a snapshot brought along. Where it stands open in the store this does nothing.
    fn reopen(&self, path: &str, opening: &dyn Fn() -> Opening);
    /// Writes a fact without state; nobody waits for it.
    fn note(&self, fact: Fact);
    /// Counts work until the token is dropped.
    fn busy(&self) -> Busy;
    /// A new id for a value with a row of its own.
    fn new_value(&self) -> ValueId;
    /// The longest value, in bytes.
    fn value_limit(&self) -> usize;
    /// Whether to go on with the decoded state after each transition, as after a crash.
    fn reloads(&self) -> bool;
    /// Whether the run is only looked at: no step begins.
    fn only_looks(&self) -> bool {
        false
    }
    /// Told of a stored frame that cannot be taken up at a machine's path.
    fn misfit(&self, _path: &str, _frame: &Frame, _error: &Error) {}
    /// What the steps of several runs share.
    fn shared(&self) -> &Shared;
    /// Cancelled when the run is.
    fn cancelled(&self) -> &CancellationToken;
    /// The present, as the run has it.
    fn now(&self) -> SystemTime;
    /// Shows something to whoever watches the run now. It is not stored.
    fn emit(&self, path: &str, delta: serde_json::Value);
}

/// One transition of one machine.
#[derive(Debug)]
pub struct Change {
    /// The machine's path.
    pub path: String,
    /// Its new frame.
    pub frame: FrameWrite,
    /// The place that was left.
    pub left: Option<String>,
    /// The suspension that opens.
    pub opens: Option<Opening>,
    /// What happened.
    pub facts: Vec<Fact>,
}

/// An answer from outside. It counts as work until the transition that consumes it is committed.
#[derive(Debug)]
pub struct Answer {
    /// What was answered.
    pub payload: serde_json::Value,
    /// The token that was taken before the answer was delivered.
    pub busy: Busy,
}

/// A token that says: something is going on here, do not park.
///
/// A run parks when no token is out and a place waits. A guess from wakers alone parks too early, since tokio defers
/// wakes; so every await of the runtime itself holds one of these.
#[derive(Debug)]
pub struct Busy {
    count: Arc<AtomicUsize>,
    /// The counts of the arms it happens in.
    also: Vec<Arc<AtomicUsize>>,
}

impl Busy {
    pub(crate) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self { count: Arc::clone(count), also: Vec::new() }
    }

    /// The same token, counted there too.
    pub(crate) fn and(mut self, count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        self.also.push(Arc::clone(count));
        self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        for count in self.also.iter().chain([&self.count]) {
            count.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// What the code of a machine works with.
#[derive(Debug)]
pub struct Cx<'a, A> {
    app: &'a A,
    pub(crate) scope: Scope,
}

impl<'a, A> Cx<'a, A> {
    pub(crate) fn new(app: &'a A, scope: Scope) -> Self {
        Self { app, scope }
    }

    /// The app the workflow runs on.
    pub fn app(&self) -> &'a A {
        self.app
    }

    /// Where this machine is: what a step is tried in.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The context of the workflow awaited at a place. In an arm that awaits nothing else the place has the arm's own
    /// path, so the workflow goes one segment below it.
    pub(crate) fn nested<W: Definition>(&self, at: &At) -> Self {
        let path = |path: &str| if at.name.is_empty() { format!("{path}/{}#0", W::INFO.name) } else { at.path(path) };
        Self { app: self.app, scope: Scope::of::<W>(self.scope.host.clone(), self.scope.path_below(path)) }
    }

    /// A node with its resources.
    pub fn bind<N: Step<A>>(&self, _node: Here<N>) -> N::Bound<'a> {
        N::bind(self.app)
    }

    /// What a node shows while it waits.
    fn waiting<N: Node>(&self, call: N::Call<'_>) -> Result<Box<Waiting>, Error> {
        let now = self.scope.host.as_ref().map_or_else(clock::now, |host| host.now());
        Waiting::of::<N>(call, now)
    }

    /// Runs a node to its end; one that waits says what for.
    pub fn perform<'c, N: Step<A>>(
        &'c self,
        node: Here<N>,
        at: &'c At,
        call: N::Call<'c>,
    ) -> impl Future<Output = Result<N::Output, Stop>> + Send + 'c
    where
        A: Sync,
    {
        let ended = self.attempt(node, at, call);
        async move { Ok(ended.await??) }
    }

    /// The same, where an error is a value.
    #[expect(clippy::manual_async_fn, reason = "that the future is `Send` is proved once here, not at each call")]
    pub fn attempt<'c, N: Step<A>>(
        &'c self,
        _node: Here<N>,
        at: &'c At,
        call: N::Call<'c>,
    ) -> impl Future<Output = Result<Result<N::Output, StepError>, Stop>> + Send + 'c
    where
        A: Sync,
    {
        async move {
            if N::WAITS {
                return Err(self.waiting::<N>(call).map_or_else(Stop::Failed, Stop::Opened));
            }
            if N::INFO.kind == NodeKind::Step && self.scope.only_looks() {
                return std::future::pending().await;
            }
            Ok(N::perform(self, at, call).await)
        }
    }

    /// The answer to the node of a place that waited.
    ///
    /// # Errors
    /// When the answer is not of the node's type any more.
    pub fn answered<N: Node, V: Slots>(&self, node: Here<N>, machine: &mut Machine<V>) -> Result<N::Output, Stop> {
        Ok(self.taken(node, machine)??)
    }

    /// The same, where an error is a value.
    ///
    /// # Errors
    /// Never.
    pub fn taken<N: Node, V: Slots>(
        &self,
        _node: Here<N>,
        machine: &mut Machine<V>,
    ) -> Result<Result<N::Output, StepError>, Stop> {
        let payload = machine.payload.take().unwrap_or_default();
        let read = read_answer::<N>(machine.waits.as_ref(), payload);
        Ok(read.map_err(|error| error.at(self.scope.place(&machine.at()))))
    }

    /// The value itself.
    pub fn through<T>(&self, value: T) -> T {
        value
    }

    /// The end of a machine.
    ///
    /// # Errors
    /// What the machine failed with.
    pub fn done<T>(&self, result: Result<T, Error>) -> Result<Flow<T>, Error> {
        result.map(Flow::Done)
    }

    /// The end of an arm whose error is a value.
    ///
    /// # Errors
    /// Never.
    pub fn value<T>(&self, value: T) -> Result<Flow<T>, Error> {
        Ok(Flow::Done(value))
    }

    /// The machine of an arm, at its start.
    pub fn machine<V: Slots>(&self) -> Machine<V> {
        Machine::default()
    }

    /// The context of an arm of the join at a place.
    pub fn arm(&self, at: &At, name: &str) -> Self {
        Self { app: self.app, scope: self.scope.below(|path| format!("{}/{name}#0", at.path(path))) }
    }

    /// Where this machine goes on: fresh, at a stored place, or with the output it already has.
    ///
    /// # Errors
    /// `Incompatible`, when the stored frame does not fit.
    pub fn open<V: Slots, T: Data>(&self, machine: &mut Machine<V>) -> Result<Option<T>, Error> {
        let Some(frame) = self.scope.host.as_ref().and_then(|host| host.frame(&self.scope.path)) else { return Ok(None) };
        let output;
        (*machine, output) = self.scope.load_arm(&frame)?;
        Ok(output)
    }

    /// Waits for the answer to the place a machine is at, if it waits there.
    ///
    /// # Errors
    /// When nobody is there to answer.
    pub async fn ready<V: Slots>(&self, machine: &mut Machine<V>) -> Result<(), Error> {
        let Some(opens) = machine.layout().opens.filter(|_| machine.asked.is_none()) else { return Ok(()) };
        let path = self.scope.place(&machine.at());
        let Some(host) = &self.scope.host else {
            let name = machine.layout().name;
            return Err(Error::from(StepError::terminal(format!("`{name}` waits, and nobody is there to answer")).at(path)));
        };
        host.reopen(&path, &|| opens(&path, machine.waits.as_ref()));
        let Answer { payload, busy } = host.wait(path.clone()).await;
        (machine.answer, machine.payload) = (Some(busy), Some(payload));
        Ok(())
    }

    /// Takes a machine where its code went: to the output, or to a place, which is written down. A place that waits is
    /// asked what for before anything is written.
    ///
    /// # Errors
    /// When a value cannot be stored, or the store refuses.
    pub async fn turn<V: Slots, T>(&self, machine: &mut Machine<V>, flow: Flow<T>) -> Result<Option<T>, Error> {
        match flow {
            Flow::Done(output) => return Ok(Some(output)),
            Flow::At(place) if V::LAYOUT.places[usize::from(place)].waits => {
                machine.asked = Some(Asked { left: self.leave(machine) });
                machine.place = place;
                return Ok(None);
            }
            Flow::At(place) => {
                let left = self.leave(machine);
                self.checkpoint(machine, left, place, None).await?;
            }
            Flow::Opened(waiting) => {
                let left = machine.asked.take().and_then(|asked| asked.left);
                let place = machine.place;
                self.checkpoint(machine, left, place, Some(waiting)).await?;
            }
        }
        yield_now_and_then(self).await;
        Ok(None)
    }

    /// Moves a machine to a place and writes that down.
    async fn checkpoint<V: Slots>(
        &self,
        machine: &mut Machine<V>,
        left: Option<(u16, String)>,
        place: u16,
        waiting: Option<Box<Waiting>>,
    ) -> Result<(), Error> {
        let Some(host) = &self.scope.host else {
            machine.enter(place, None);
            return Ok(());
        };
        let _busy = host.busy();
        machine.enter(place, waiting.as_ref().map(|waiting| waiting.waits.clone()));
        let path = self.scope.place(&machine.at());
        let mut facts = completed::<V>(&left);
        facts.extend(match machine.layout().kind {
            NodeKind::Suspend | NodeKind::Signal => Some(Fact::StepSuspended { path: path.clone() }),
            NodeKind::Step | NodeKind::Workflow => Some(Fact::StepStarted { path: path.clone() }),
            _ => None,
        });
        facts.extend(waiting.as_ref().and_then(|waiting| timer_set(&path, &waiting.waits_for)));
        let opens = waiting.map(|waiting| waiting.opening(path));
        let frame =
            machine.save(host.value_limit(), &mut || host.new_value()).map_err(|error| error.at(self.scope.path.clone()))?;
        let left = left.map(|(_, path)| path);
        host.commit(Change { path: self.scope.path.clone(), frame, left, opens, facts }).await?;
        machine.answer = None;
        if host.reloads() { machine.reload() } else { Ok(()) }
    }

    /// Writes down that an arm has its output, so that it never runs again.
    ///
    /// # Errors
    /// When the output cannot be stored, or the store refuses.
    pub async fn finish<V: Slots, T: Data>(&self, machine: &mut Machine<V>, output: T) -> Result<T, Error> {
        let Some(host) = &self.scope.host else { return Ok(output) };
        let _busy = host.busy();
        let left = self.leave(machine);
        let facts = completed::<V>(&left);
        let frame = finished(machine, host.as_ref(), &output).map_err(|error| error.at(self.scope.path.clone()))?;
        let left = left.map(|(_, path)| path);
        host.commit(Change { path: self.scope.path.clone(), frame, left, opens: None, facts }).await?;
        machine.answer = None;
        Ok(output)
    }

    /// The place a machine is about to leave.
    pub(crate) fn leave<V: Slots>(&self, machine: &Machine<V>) -> Option<(u16, String)> {
        let place = machine.place();
        (place != START || machine.is_put()).then(|| (place, self.scope.place(&machine.at())))
    }
}

pub(crate) fn completed<V: Slots>(left: &Option<(u16, String)>) -> Vec<Fact> {
    let kind = |place: u16| V::LAYOUT.places[usize::from(place)].kind;
    let node = left.iter().filter(|(place, _)| *place != START && !kind(*place).has_arms());
    node.map(|(_, path)| Fact::StepCompleted { path: path.clone() }).collect()
}

/// The frame of an arm that has its output.
fn finished<V: Slots, T: Data>(machine: &mut Machine<V>, host: &dyn Host, output: &T) -> Result<FrameWrite, Error> {
    let value = Encoded::of(output)?;
    let (var, values) = crate::machine::store_value(OUTPUT, value, host.value_limit(), &mut || host.new_value())?;
    let frame =
        StoredFrame { place: DONE.to_owned(), visits: Default::default(), waits: None, vars: vec![(OUTPUT.to_owned(), var)] };
    Ok(FrameWrite { frame, values: values.into_iter().collect(), dead: machine.take_rows() })
}

/// One try of a step.
#[derive(Debug)]
pub struct Attempt<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) at: &'a At,
    pub(crate) number: u32,
}

impl Attempt<'_> {
    /// What a `#[context]` parameter gets.
    pub fn context(&self) -> StepContext {
        StepContext { scope: self.scope.clone(), path: self.scope.place(self.at), attempt: self.number }
    }
}

/// What a step may ask of its run: a parameter `#[context] cx: &StepContext`.
///
/// ```
/// use flow_runtime::{step, StepContext};
///
/// #[step]
/// async fn charge(cents: u32, #[context] cx: &StepContext) -> Result<String, std::io::Error> {
///     // Pass the key on: whoever does the work can then tell a second try from a second order.
///     Ok(format!("charged {cents} under {}", cx.idempotency_key()))
/// }
/// ```
#[derive(Debug)]
pub struct StepContext {
    scope: Scope,
    path: String,
    attempt: u32,
}

impl StepContext {
    /// A context without a run, to call a step in a unit test.
    ///
    /// ```
    /// use flow_runtime::StepContext;
    ///
    /// assert_eq!(StepContext::without_run("order/charge#0").idempotency_key(), "order/charge#0");
    /// ```
    pub fn without_run(path: impl Into<String>) -> Self {
        Self { scope: Scope::nowhere(), path: path.into(), attempt: 0 }
    }

    /// The run; none where the workflow is driven without one.
    pub fn run(&self) -> Option<RunId> {
        self.scope.host.as_ref().map(|host| host.run())
    }

    /// The place, with a visit on every segment: `content/outline_seo#0/seo#0`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The number of this attempt, from 0 on. After a crash it begins again.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The same for every attempt of this visit of this place, crashes included, and for nothing else.
    pub fn idempotency_key(&self) -> String {
        match self.run() {
            Some(run) => format!("{run}/{}", self.path),
            None => self.path.clone(),
        }
    }

    /// Resolves when the run is cancelled. Work that a step has handed to another task should watch it.
    pub async fn cancelled(&self) {
        match &self.scope.host {
            Some(host) => host.cancelled().cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// Shows something to whoever watches the run now, a piece of a streamed answer for instance. It is not stored.
    pub fn emit(&self, delta: impl Into<serde_json::Value>) {
        if let Some(host) = &self.scope.host {
            host.emit(&self.path, delta.into());
        }
    }
}
