//! A run is interrupted at each record that it writes.

mod plan;

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;

use self::plan::Blow;
pub use self::plan::Moment;
pub(super) use self::plan::Plan;
use super::{Clock, Faulty};
use crate::error::Error;
use crate::event::Fact;
use crate::handle::{Outcome, Pending, Run};
use crate::run::{Durability, RunId};
use crate::runtime::{Builder, Runtime};
use crate::store::{History, Memory, Record, Store};
use crate::workflow::Workflow;

/// How long a case may take, beside what the undisturbed run took.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait for what a task is about to do.
const MOMENT: Duration = Duration::from_millis(1);

/// The key that the run is started with, so that a process that did not learn of the start gives it again.
const KEY: &str = "crashes";

/// Runs the workflow `W` undisturbed, and then again for each record that it writes and each [`Moment`]: there the process that
/// drives it is gone, or loses the answer of the store, and another one goes on. The output must be the same, no step may be
/// recorded twice, and what [`same`](Crashes::same) looks at must be the same too. Await what it gives: that is how many cases
/// there were.
///
/// `begin` sets up each process: app, fakes, what the workflow needs. Store and clock are those of the test, and the workflow is
/// registered if it is not. `O` is what lies outside of the processes and outlives them, a bank, say: a new one for each case.
/// Where there is nothing of that kind it is `()`.
///
/// Runs are in memory, and sleeps take no time. With `#[tokio::test(start_paused = true)]` retries and what else waits do not either. What a run gives must depend neither on chance nor on the time of day; the id of
/// the run is taken out before two are compared.
///
/// ```
/// use std::collections::BTreeSet;
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// use flow_runtime::{Provide, Runtime, StepContext, StepError, sleep, step, suspend, testing, workflow};
///
/// /// Charges once for each key, however often it is asked to.
/// #[derive(Clone, Default)]
/// struct Bank(Arc<Mutex<BTreeSet<(String, u32)>>>);
///
/// #[derive(Provide)]
/// struct App {
///     bank: Bank,
/// }
///
/// #[step]
/// async fn charge(cents: u32, #[resource] bank: &Bank, #[context] cx: &StepContext) -> Result<u32, StepError> {
///     bank.0.lock().unwrap().insert((cx.idempotency_key(), cents));
///     Ok(cents)
/// }
///
/// #[suspend(resume = bool)]
/// fn approval(cents: u32) -> u32 {
///     cents
/// }
///
/// workflow! {
///     Order<u32 -> u32>(cents) {
///         if !approval(cents).await? {
///             return Ok(0);
///         }
///         sleep(Duration::from_secs(24 * 3600)).await?;
///         charge(cents).await
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() {
/// testing::crashes::<Order, _, Bank>(|bank| Runtime::builder(App { bank: bank.clone() }), 300)
///     .answer(|at| async move { at.pending.one::<approval>()?.resume(true).await })
///     .same(|bank| bank.0.lock().unwrap().clone())
///     .await;
/// # }
/// ```
///
/// # Panics
/// With the first case that is not as the undisturbed run: where it was interrupted, what is different, and how to run that case
/// alone. When the undisturbed run does not complete. Outside a tokio runtime with its timer.
pub fn crashes<W, A, O>(begin: impl Fn(&O) -> Builder<A> + Send + Sync + 'static, input: W::Input) -> Crashes<W, A, O>
where
    W: Workflow<A, Input: Clone>,
{
    Crashes {
        begin: Box::new(begin),
        input,
        answer: None,
        same: Box::new(|_| String::new()),
        durability: Durability::default(),
        only: None,
    }
}

/// A crash test that is about to be run: await it. See [`crashes`].
#[must_use = "nothing is run until it is awaited"]
pub struct Crashes<W: Workflow<A>, A, O> {
    begin: Begin<A, O>,
    input: W::Input,
    answer: Option<Answer<W>>,
    same: Box<dyn Fn(&O) -> String + Send + Sync>,
    durability: Durability,
    only: Option<Blow>,
}

type Begin<A, O> = Box<dyn Fn(&O) -> Builder<A> + Send + Sync>;

type Answer<W> = Box<dyn Fn(AtRest<W>) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

impl<W: Workflow<A>, A, O> fmt::Debug for Crashes<W, A, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crashes").field("workflow", &W::GRAPH.workflow).field("only", &self.only).finish_non_exhaustive()
    }
}

/// A run of a crash test in which nothing goes on without somebody outside.
#[derive(Debug)]
pub struct AtRest<W> {
    /// The run, to send it a signal.
    pub run: Run<W>,
    /// What it waits for.
    pub pending: Pending,
    /// The clock it sleeps by, to let a deadline pass.
    pub clock: Clock,
}

impl<W: Workflow<A>, A, O> Crashes<W, A, O> {
    /// Plays the part of whoever answers the run: called each time it rests, and again where the process was gone before the
    /// answer was accepted. So what it does depends on what the run waits for, and on nothing else.
    ///
    /// It does one thing, and that ends a wait: an answer, a signal, or [`Clock::advance_to_next`] for a deadline. Errors of the
    /// store it gives back.
    pub fn answer<Fut>(mut self, answer: impl Fn(AtRest<W>) -> Fut + Send + Sync + 'static) -> Self
    where
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.answer = Some(Box::new(move |at| answer(at).boxed()));
        self
    }

    /// What else must be as it is after the undisturbed run: what was charged, written, sent. Compared as `{:?}` shows it. Several
    /// things are a tuple.
    pub fn same<T: fmt::Debug>(mut self, same: impl Fn(&O) -> T + Send + Sync + 'static) -> Self {
        self.same = Box::new(move |outside| format!("{:?}", same(outside)));
        self
    }

    /// When the run is written, as at its [start](crate::Start::durability).
    pub fn durability(self, durability: Durability) -> Self {
        Self { durability, ..self }
    }

    /// Runs this case alone: the number of the record, and the moment. A test that failed says both.
    pub fn only(mut self, record: usize, moment: Moment) -> Self {
        self.only = Some(Blow { record, moment });
        self
    }
}

impl<W, A, O> IntoFuture for Crashes<W, A, O>
where
    W: Workflow<A, Input: Clone>,
    A: Send + Sync + 'static,
    O: Default + Send + Sync + 'static,
{
    type Output = usize;
    type IntoFuture = BoxFuture<'static, usize>;

    fn into_future(self) -> Self::IntoFuture {
        async move { self.run().await.unwrap_or_else(|why| panic!("{why}")) }.boxed()
    }
}

/// What a case has come to, the id of the run taken out.
#[derive(PartialEq)]
struct End {
    output: serde_json::Value,
    outside: String,
}

impl<W, A, O> Crashes<W, A, O>
where
    W: Workflow<A, Input: Clone>,
    A: Send + Sync + 'static,
    O: Default + Send + Sync + 'static,
{
    async fn run(&self) -> Result<usize, String> {
        let (begun, name) = (Instant::now(), W::GRAPH.workflow);
        let (expected, records) = match tokio::time::timeout(PATIENCE, self.case(None)).await {
            Ok((end, plan)) => (end.map_err(|why| format!("`{name}`, undisturbed: {why}"))?, plan.written()),
            Err(_) => return Err(format!("`{name}`, undisturbed, has not ended after {PATIENCE:?}")),
        };
        let (patience, all) = (PATIENCE + 10 * begun.elapsed(), records.len());
        if let Some(Blow { record, .. }) = self.only
            && !(1..=all).contains(&record)
        {
            return Err(format!("`{name}` has no record {record}: it writes {all}, the first is 1"));
        }
        let blows = (1..=all).flat_map(|record| Moment::ALL.map(|moment| Blow { record, moment }));
        let blows: Vec<_> = blows.filter(|blow| self.only.is_none_or(|only| only == *blow)).collect();
        for blow in &blows {
            let (end, written) = match tokio::time::timeout(patience, self.case(Some(*blow))).await {
                Ok((end, plan)) => (end, plan.written()),
                Err(_) => (Err(format!("it has not ended after {patience:?}")), Vec::new()),
            };
            let difference = end.and_then(|end| expected.differs(&end).map_or(Ok(()), Err));
            difference.map_err(|why| {
                let (number, alone) = (blow.record, blow.alone());
                // Arms that run side by side may write in another order.
                let record = written.get(number - 1).unwrap_or(&records[number - 1]);
                format!("`{name}` does not stand this: {blow} record {number} of {all} ({record})\n{why}\n{alone}")
            })?;
        }
        Ok(blows.len())
    }

    /// One run from its start to its end, by as many processes as it takes.
    async fn case(&self, blow: Option<Blow>) -> (Result<End, String>, Arc<Plan>) {
        let (outside, clock, memory, plan) = (O::default(), Clock::new(), Arc::new(Memory::default()), Arc::new(Plan::new(blow)));
        let first = self.process(&outside, &clock, &memory, Some(&plan)).await;
        let ended = match first {
            Ok(None) => self.process(&outside, &clock, &memory, None).await,
            ended => ended,
        };
        let end = async {
            let (run, output) = ended?.ok_or("the second process ended too")?;
            once(&memory, run).await?;
            let without_id = |text: String| text.replace(&run.to_string(), "RUN");
            let output = serde_json::from_str(&without_id(output)).map_err(|error| error.to_string())?;
            Ok(End { output, outside: without_id((self.same)(&outside)) })
        };
        (end.await, plan)
    }

    /// What one process does: the run and its output, or nothing if it is gone before that.
    async fn process(
        &self,
        outside: &O,
        clock: &Clock,
        memory: &Arc<Memory>,
        plan: Option<&Arc<Plan>>,
    ) -> Result<Option<(RunId, String)>, String> {
        let store = Faulty::new(Arc::clone(memory), 0);
        let store = plan.map_or_else(|| store.clone(), |plan| store.clone().planned(plan));
        let builder = (self.begin)(outside).registered::<W>().store(store).clock(clock);
        let runtime = builder.build().await.map_err(|error| error.to_string())?;
        let gone = async { if let Some(plan) = plan { plan.gone().await } else { std::future::pending().await } };
        let ended = tokio::select! {
            biased;
            () = gone => None,
            ended = self.driven(&runtime, clock) => Some(ended?),
        };
        // A lease that is not given back would be waited for.
        let worker = runtime.kill().await;
        memory.commit(vec![Record::Release { worker }]).await;
        Ok(ended)
    }

    /// Starts the run, or finds it, and brings it to its end.
    async fn driven(&self, runtime: &Runtime<A>, clock: &Clock) -> Result<(RunId, String), String> {
        let run = loop {
            match runtime.start::<W>(self.input.clone()).key(KEY).durability(self.durability).await {
                Err(error) if error.is_store() => tokio::time::sleep(MOMENT).await,
                started => break started.map_err(|error| error.to_string())?,
            }
        };
        loop {
            let outcome = tokio::select! {
                outcome = run.outcome() => outcome,
                () = time_passes(&run, clock) => continue,
            };
            match outcome {
                Ok(Outcome::Completed(output)) => {
                    let output =
                        serde_json::to_string(&output).map_err(|error| format!("JSON cannot hold the output: {error}"))?;
                    return Ok((run.id(), output));
                }
                Ok(Outcome::Suspended(pending)) => self.answered(&run, pending, clock).await?,
                Ok(Outcome::Failed(error)) => return Err(format!("the run failed: {error}")),
                Ok(Outcome::Cancelled) => return Err("the run was cancelled".to_owned()),
                Err(error) if error.is_store() => tokio::time::sleep(MOMENT).await,
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    /// Lets somebody answer, and waits until the run knows of it.
    async fn answered(&self, run: &Run<W>, pending: Pending, clock: &Clock) -> Result<(), String> {
        let waits = waits(&pending);
        let Some(answer) = &self.answer else {
            return Err(format!("the run waits at {waits}: say with `.answer(..)` what it gets"));
        };
        match answer(AtRest { run: run.clone(), pending, clock: clock.clone() }).await {
            Ok(()) => {}
            Err(error) if error.is_store() || error.is_already_resumed() || error.is_withdrawn() => return Ok(()),
            Err(error) => return Err(format!("the run waits at {waits}, and what `.answer(..)` does fails: {error}")),
        }
        let changed = async {
            // A signal that is sent, and a timer that fires, are written a moment later.
            while run.pending().await.is_ok_and(|pending| self::waits(&pending) == waits) {
                tokio::time::sleep(MOMENT).await;
            }
        };
        let changed = tokio::time::timeout(PATIENCE / 2, changed).await;
        changed.map_err(|_| format!("the run waits at {waits}, and still does after what `.answer(..)` did"))
    }
}

fn waits(pending: &Pending) -> String {
    let places: Vec<_> = pending.iter().map(|row| format!("`{}`", row.path)).collect();
    places.join(", ")
}

/// Moves the clock once if a sleep is all that the run waits for.
async fn time_passes<W: Workflow<A>, A>(run: &Run<W>, clock: &Clock) {
    clock.somebody_sleeps().await;
    while !run.only_sleeps().await {
        tokio::time::sleep(MOMENT).await;
        clock.somebody_sleeps().await;
    }
    clock.advance_to_next().await;
}

/// No step of a run is recorded twice.
async fn once(memory: &Memory, run: RunId) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for event in memory.events(run, 0).await.map_err(|error| error.to_string())? {
        if let Fact::StepCompleted { path } = event.fact
            && !seen.insert(path.clone())
        {
            return Err(format!("`{path}` is recorded twice"));
        }
    }
    Ok(())
}

impl End {
    /// What is not as here.
    fn differs(&self, other: &Self) -> Option<String> {
        let line = |what: &str, is: &dyn fmt::Display, was: &dyn fmt::Display| {
            format!("{what}: {is}\n{:1$}: {was}", "undisturbed", what.len())
        };
        if self.output != other.output {
            return Some(line("the output", &other.output, &self.output));
        }
        (self.outside != other.outside).then(|| line("what `.same(..)` looks at", &other.outside, &self.outside))
    }
}
