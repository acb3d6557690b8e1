//! Drives runs and keeps them in a store.

mod again;
mod builder;
mod check;
pub(crate) mod core;
mod fork;
mod looker;
mod refusal;
pub(crate) mod timers;
mod upkeep;
pub(crate) mod watch;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;

pub(crate) use self::builder::new_run;
pub use self::builder::{Builder, Start};
use self::check::Check;
pub use self::check::Unresumable;
use self::core::Core;
pub use self::fork::Fork;
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::handle::{Pending, Run};
use crate::live::Delta;
use crate::run::RunId;
use crate::snapshot::Snapshot;
use crate::store::{History, Record, RunFilter, RunRow, WorkerId};
use crate::testing::{self, Fake, Fakeable, StandIn};
use crate::workflow::Workflow;

/// Drives runs of registered workflows on the app `A`, and keeps them in a store.
///
/// A clone is another handle to the same runtime. When the last handle is gone, [`Run`]s included, its runs are
/// dropped where they stand and another process may take them up at once; [`shutdown`](Self::shutdown) also waits
/// for that. For a workflow without a store see [`local`](crate::local).
pub struct Runtime<A> {
    handle: Arc<Handle>,
    app: Arc<A>,
}

impl<A> Clone for Runtime<A> {
    fn clone(&self) -> Self {
        Self { handle: Arc::clone(&self.handle), app: Arc::clone(&self.app) }
    }
}

impl<A> fmt::Debug for Runtime<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workflows: Vec<_> = self.handle.0.workflows.keys().collect();
        f.debug_struct("Runtime").field("worker", &self.handle.0.worker).field("workflows", &workflows).finish_non_exhaustive()
    }
}

/// What all handles share. The tasks of the runtime do not: they end when the last of these is dropped.
pub(crate) struct Handle(pub(crate) Arc<Core>);

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.0.worker).finish()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let core = &self.0;
        if core.closed.is_cancelled() {
            return;
        }
        core.closed.cancel();
        core.lives().values().for_each(|live| live.stop.cancel());
        core.batcher.send(Record::Release { worker: core.worker });
    }
}

impl<A: Send + Sync + 'static> Runtime<A> {
    /// Begins to set a runtime up.
    pub fn builder(app: A) -> Builder<A> {
        Builder::new(app)
    }

    /// The app.
    pub fn app(&self) -> &A {
        &self.app
    }

    /// For tests: from now on this closure runs in the place of the step `N`, in this runtime alone. A later one takes its
    /// place. What it was called with, the [`Fake`] tells.
    ///
    /// ```
    /// use flow_runtime::{Runtime, step, workflow};
    ///
    /// #[step]
    /// async fn research(topic: &str) -> Result<String, std::io::Error> {
    ///     unreachable!("asks a model about {topic}")
    /// }
    ///
    /// workflow! { Answer<String -> String>(topic) { research(&topic).await } }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), flow_runtime::Error> {
    /// let runtime = Runtime::builder(()).register::<Answer>().build().await?;
    /// let research = runtime.fake::<research>(|topic| async move { Ok(format!("all about {topic}")) });
    /// let run = runtime.start::<Answer>("Rust".to_owned()).await?;
    /// assert_eq!(run.outcome().await?.completed()?, "all about Rust");
    /// assert_eq!(research.calls(), ["Rust"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn fake<N: Fakeable>(&self, stands_in: impl StandIn<N>) -> Fake<N> {
        let fake = testing::fake(stands_in);
        self.handle.0.settings.rules.shared.fakes.add(&fake);
        fake
    }

    /// Starts a run; await what it gives.
    pub fn start<W: Workflow<A>>(&self, input: W::Input) -> Start<W, A> {
        Start::new(self.clone(), input)
    }

    /// Begins a new run with a state that another one was in, as if it had come there by itself: at a place with its visit,
    /// `editor_review#1`, or `sides#0/left/ask#0` in an arm, as events name it. What was finished before is not done again, and not
    /// told again. What waited there waits in the new run, at addresses of its own; answers and signals that came to the old one
    /// stay there. A time that was slept until stays the same time. The new run is as [durable](crate::Durability) as the old
    /// one, which stays as it is. Await what it gives.
    ///
    /// ```
    /// use flow_runtime::{Error, Runtime, step, workflow};
    ///
    /// #[step]
    /// async fn shout(text: &str) -> Result<String, Error> {
    ///     Ok(text.to_uppercase())
    /// }
    ///
    /// #[step]
    /// async fn frame(text: &str) -> Result<String, Error> {
    ///     Ok(format!("* {text} *"))
    /// }
    ///
    /// workflow! {
    ///     Sign<String -> String>(text) {
    ///         let loud = shout(&text).await?;
    ///         frame(&loud).await
    ///     }
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Error> {
    /// let runtime = Runtime::builder(()).checkpoints(true).register::<Sign>().build().await?;
    /// let run = runtime.start::<Sign>("open".to_owned()).await?;
    /// assert_eq!(run.outcome().await?.completed()?, "* OPEN *");
    ///
    /// let other = runtime.fork::<Sign>(run.id(), "frame#0").set("loud", "CLOSED").await?;
    /// assert_eq!(other.outcome().await?.completed()?, "* CLOSED *");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Of the awaited: `is_unknown_run`; `is_unknown_workflow`, when it is a run of another workflow; `is_wrong_status`, when the run
    /// was never there, or keeps its present state alone and stands elsewhere; `is_incompatible`, when this program cannot go on
    /// from that state, or from what was [`set`](Fork::set) in it; `is_too_large`; `is_key_conflict`; `is_store`. Nothing is begun then.
    pub fn fork<W: Workflow<A>>(&self, of: RunId, at: &str) -> Fork<W, A> {
        Fork::new(self.clone(), of, at)
    }

    /// A run by its id.
    ///
    /// # Errors
    /// `is_unknown_run`; `is_unknown_workflow`, when it is a run of another workflow.
    pub async fn run<W: Workflow<A>>(&self, id: RunId) -> Result<Run<W>, Error> {
        let row = self.handle.0.row(id).await?;
        let name = W::GRAPH.workflow;
        if row.workflow != name {
            let message = format!("run `{id}` is of the workflow `{}`, not of `{name}`", row.workflow);
            return Err(Error::kind(ErrorKind::UnknownWorkflow, message));
        }
        Ok(Run::new(Arc::clone(&self.handle), id))
    }

    /// Answers a suspension by its address, `editor_review#0`, which names one visit of the place.
    ///
    /// The answer is accepted when this returns; the run goes on here, in the process that has it, or in the next
    /// one that knows its workflow. With a [`Pending`] the types are checked by the compiler.
    ///
    /// # Errors
    /// `is_unknown_run`; `is_invalid_payload`; `is_not_suspended`, `is_already_resumed`, `is_withdrawn`; `is_store`.
    pub async fn resume(&self, id: RunId, address: &str, answer: serde_json::Value) -> Result<(), Error> {
        self.handle.0.resume(id, address, answer, None).await
    }

    /// The same for a request with a name of its own, which its sender gives again when it has got no reply: the first one
    /// counts, and each gets its reply.
    ///
    /// # Errors
    /// Those of [`resume`](Self::resume); an answer by another request is `is_already_resumed`.
    pub async fn resume_as(&self, request: &str, id: RunId, address: &str, answer: serde_json::Value) -> Result<(), Error> {
        self.handle.0.resume(id, address, answer, Some(request.to_owned())).await
    }

    /// Sends a signal to a run: the place that has waited for this name longest gets it, and without such a place it is
    /// kept until there is one. Two signals of one name are taken in the order they were sent.
    ///
    /// # Errors
    /// `is_unknown_run`; `is_wrong_status`, when the run has ended; `is_invalid_payload`, when it does not fit the place
    /// that waits for it, and nothing was sent then; `is_store`.
    pub async fn signal(&self, id: RunId, name: &str, payload: &impl serde::Serialize) -> Result<(), Error> {
        self.handle.0.signal(id, name, crate::handle::signal_payload(name, payload)?, None).await
    }

    /// The same for a request with a name of its own: given again, it sends nothing more. The name is remembered as long as the
    /// run is stored.
    ///
    /// # Errors
    /// Those of [`signal`](Self::signal).
    pub async fn signal_as(&self, request: &str, id: RunId, name: &str, payload: &impl serde::Serialize) -> Result<(), Error> {
        let payload = crate::handle::signal_payload(name, payload)?;
        self.handle.0.signal(id, name, payload, Some(request.to_owned())).await
    }

    /// Ends a run from outside. When this returns nothing the run still does is recorded any more; its steps are
    /// dropped soon after. A cancelled run stays as it is.
    ///
    /// # Errors
    /// `is_unknown_run`; `is_wrong_status`, when it is completed; `is_store`.
    pub async fn cancel(&self, id: RunId) -> Result<(), Error> {
        self.handle.0.cancel(id).await
    }

    /// Lets a failed run go on from the places where it failed. What was finished is not done again.
    ///
    /// # Errors
    /// `is_unknown_run`; `is_unknown_workflow`; `is_wrong_status`, unless it has failed; `is_store`.
    pub async fn retry(&self, id: RunId) -> Result<(), Error> {
        self.handle.0.retry(id).await
    }

    /// What a run waits for now.
    ///
    /// # Errors
    /// `is_unknown_run`; `is_store`.
    pub async fn pending(&self, id: RunId) -> Result<Pending, Error> {
        Pending::read(&self.handle, id).await
    }

    /// The runs that match, newest first.
    ///
    /// # Errors
    /// `is_store`.
    pub async fn runs(&self, filter: RunFilter) -> Result<Vec<RunRow>, Error> {
        self.history().runs(filter).await
    }

    /// The runs in the store that this program could not go on with, oldest first: those whose stored frames do not fit
    /// their workflow, its `migrate` asked too, and those of workflows that are not registered here. Completed and
    /// cancelled runs go on nowhere and are not looked at.
    ///
    /// Nothing is claimed or changed, and no step is run: only what the code of a workflow does between its steps may be
    /// evaluated. A run that another program moves meanwhile may be missed. Before a deploy ask [`Builder::check`], which
    /// takes up no run.
    ///
    /// # Errors
    /// `is_store`.
    pub async fn check(&self) -> Result<Vec<Unresumable>, Error> {
        let core = &self.handle.0;
        let store = core.batcher.store().as_ref();
        Check { store, workflows: &core.workflows, rules: &core.settings.rules }.run().await
    }

    /// Deletes the completed and cancelled runs that have not changed for so long, of every workflow, with all they left in the
    /// store; how many there were. Their keys are free again, so a late second start with one begins another run. To have it
    /// done now and then: [`Builder::retention`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), flow_runtime::Error> {
    /// let runtime = flow_runtime::Runtime::builder(()).build().await?;
    /// let month = Duration::from_hours(24 * 30);
    /// assert_eq!(runtime.prune(month).await?, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `is_store`; what was deleted before that is gone.
    pub async fn prune(&self, older_than: Duration) -> Result<u64, Error> {
        upkeep::prune(&self.handle.0, older_than, false).await
    }

    /// The same, and failed runs too: they can be retried no more.
    ///
    /// # Errors
    /// `is_store`; what was deleted before that is gone.
    pub async fn prune_failed(&self, older_than: Duration) -> Result<u64, Error> {
        upkeep::prune(&self.handle.0, older_than, true).await
    }

    /// The events of a run from a number on: the stored ones, then those that come, without gap or duplicate,
    /// whichever process drives it. Ends when the run is completed or cancelled, and after an error; a failed run
    /// may yet be retried.
    pub fn events(&self, id: RunId, from: u64) -> impl Stream<Item = Result<Event, Error>> + Send + use<A> {
        watch::events(Arc::clone(&self.handle.0), id, from)
    }

    /// What the steps of a run show while this process drives it, from now on. Nothing of it is stored, and a slow
    /// reader misses some.
    pub fn deltas(&self, id: RunId) -> impl Stream<Item = Delta> + Send + use<A> {
        watch::deltas(&self.handle.0, id)
    }

    /// The frames of a run as they are stored.
    ///
    /// # Errors
    /// `is_unknown_run`; `is_incompatible`, when a frame is damaged; `is_store`.
    pub async fn snapshot(&self, id: RunId) -> Result<Snapshot, Error> {
        self.handle.0.snapshot(id).await
    }

    /// The store, for reading.
    pub fn history(&self) -> &dyn History {
        self.handle.0.history()
    }

    /// Stops driving: parks the runs that wait, drops the others where they stand, and lets other processes have
    /// them. What a step was doing is done again there, under the same idempotency key.
    ///
    /// # Errors
    /// `is_store`, when the lease could not be given back; other processes then wait until it has run out.
    pub async fn shutdown(&self) -> Result<(), Error> {
        let core = &self.handle.0;
        core.closed.cancel();
        core.lives().values().for_each(|live| live.close());
        if tokio::time::timeout(PATIENCE, nothing_driven(core)).await.is_err() {
            core.lives().values().for_each(|live| live.stop.cancel());
        }
        let released = core.batcher.commit(Record::Release { worker: core.worker }).await;
        released.map(|_| ()).map_err(core::store_failed)
    }

    /// Ends as a process that is killed: what it does is dropped where it stands, and nothing is given back. Whose lease is left.
    pub(crate) async fn kill(self) -> WorkerId {
        let core = &self.handle.0;
        core.closed.cancel();
        core.lives().values().for_each(|live| live.stop.cancel());
        nothing_driven(core).await;
        core.worker
    }
}

/// How long a shutdown waits for runs to park.
const PATIENCE: Duration = Duration::from_secs(5);

async fn nothing_driven(core: &Core) {
    loop {
        let retired = core.retired.notified();
        tokio::pin!(retired);
        retired.as_mut().enable();
        if core.lives().is_empty() {
            return;
        }
        retired.await;
    }
}
