//! Setting a runtime up, and starting runs.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::check::{Check, Unresumable};
use super::core::{Begin, Core, READ_AT_ONCE, Registered, Settings, not_registered, store_failed};
use super::refusal::{key_conflict, refused};
use super::{Handle, Runtime, looker, upkeep};
use crate::clock::Clock;
use crate::encoded::Encoded;
use crate::error::Error;
use crate::handle::Run;
use crate::live::{Live, Rules, root};
use crate::machine::Machine;
use crate::run::{Durability, RunId};
use crate::step::{Allowed, Shared};
use crate::store::{Batcher, Committed, Memory, NewRun, Refused, Store};
use crate::testing;
use crate::testing::fake::Fakes;
use crate::testing::{Fake, Fakeable};
use crate::workflow::Workflow;

/// How many deltas a slow watcher may lag behind.
const DELTAS: usize = 1024;

/// Sets a [`Runtime`] up.
pub struct Builder<A> {
    app: Arc<A>,
    store: Arc<dyn Store>,
    workflows: BTreeMap<&'static str, Registered>,
    /// A name that was registered twice.
    twice: Option<&'static str>,
    settings: Settings,
    limits: HashMap<String, Allowed>,
    /// The size of the cache, in bytes.
    cache: u64,
    fakes: Fakes,
}

impl<A> fmt::Debug for Builder<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workflows: Vec<_> = self.workflows.keys().collect();
        f.debug_struct("Builder").field("workflows", &workflows).field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl<A: Send + Sync + 'static> Builder<A> {
    pub(super) fn new(app: A) -> Self {
        let rules = Rules { value_limit: 4 << 20, reloads: false, shared: Arc::clone(Shared::process()), clock: Clock::System };
        let settings = Settings {
            linger: Duration::from_millis(200),
            lease: Duration::from_secs(4),
            retention: None,
            recoveries: 5,
            checkpoints: false,
            rules,
        };
        let (store, workflows) = (Arc::new(Memory::default()), BTreeMap::new());
        Self {
            app: Arc::new(app),
            store,
            workflows,
            twice: None,
            settings,
            limits: HashMap::new(),
            cache: 64 << 20,
            fakes: Fakes::default(),
        }
    }

    /// Where runs are kept. Without this call: in memory, as long as the runtime.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// Adds a workflow whose runs this runtime starts and drives.
    pub fn register<W: Workflow<A>>(mut self) -> Self {
        let app = Arc::clone(&self.app);
        let open = move |live: &Arc<Live>, frame: &_| Ok(code::<W, A>(&app, live, live.scope::<W>().load(frame)?));
        let name = W::GRAPH.workflow;
        let look = looker::look::<W, A>(&self.app);
        let registered = Registered { name, open: Box::new(open), look, check: W::accepts };
        if self.workflows.insert(name, registered).is_some() {
            self.twice = Some(name);
        }
        self
    }

    /// The same with a workflow that it may have already.
    pub(crate) fn registered<W: Workflow<A>>(self) -> Self {
        if self.workflows.contains_key(W::GRAPH.workflow) { self } else { self.register::<W>() }
    }

    /// How long a run that waits stays in memory before it is parked. An answer within that time costs no loading.
    /// Without this call: 200 milliseconds.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.settings.linger = linger;
        self
    }

    /// How long after this process was last heard of others may take its runs. Without this call: 4 seconds.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease;
        self
    }

    /// Whether the runs that are started here keep every state they were ever in, so that they can be [forked](Runtime::fork) at
    /// any place. Each transition then writes its frame once more, and each large value is written twice; nothing of that is read
    /// when a run goes on. It is kept until the run is [pruned](Runtime::prune). Without this call: a run keeps its present state.
    pub fn checkpoints(mut self, keep: bool) -> Self {
        self.settings.checkpoints = keep;
        self
    }

    /// How often in a row a run is taken up again whose process died with it. If the next one dies too, the run may be what kills
    /// them: it fails by an error that [`is_poisoned`](Error::is_poisoned) instead of being driven, and may be retried. Whatever
    /// it gets done between counts anew. Without this call: 5.
    ///
    /// The runs that were driven beside it die with it as often. So from the second death in a row on such runs are taken up one
    /// after the other, the next one when this one has got something done or was driven for four leases. A process counts as dead
    /// when it lets its lease run out: a store that is away for long costs runs that get nothing done one of these, too.
    pub fn recoveries(mut self, in_a_row: u32) -> Self {
        self.settings.recoveries = in_a_row;
        self
    }

    /// How long completed and cancelled runs are kept; what is older this process deletes now and then, whichever workflow it is
    /// of. Failed runs stay, since they may be retried: see [`Runtime::prune_failed`]. Without this call: for ever.
    pub fn retention(mut self, retention: Duration) -> Self {
        self.settings.retention = Some(retention);
        self
    }

    /// The longest value that is stored, in bytes. Without this call: 4 MiB.
    pub fn value_limit(mut self, bytes: usize) -> Self {
        self.settings.rules.value_limit = bytes;
        self
    }

    /// How many attempts of the steps with this `limit` may run at a time, whatever the steps say. All runs of the runtime
    /// share it.
    ///
    /// # Panics
    /// When `at_once` is 0: nothing could run.
    pub fn limit(mut self, name: impl Into<String>, at_once: u32) -> Self {
        assert!(at_once > 0, "a limit of zero lets nothing run");
        self.limits.entry(name.into()).or_default().at_once = Some(at_once);
        self
    }

    /// How many attempts of the steps with this `limit` may begin in a time, whatever the steps say. They are spread evenly
    /// over it.
    ///
    /// # Panics
    /// When `count` is 0: nothing could run.
    pub fn rate(mut self, name: impl Into<String>, count: u32, per: Duration) -> Self {
        assert!(count > 0, "a limit of zero lets nothing run");
        self.limits.entry(name.into()).or_default().every = Some(per / count);
        self
    }

    /// How many bytes the results of steps with a `cache` may take. Without this call: 64 MiB.
    pub fn cache_size(mut self, bytes: u64) -> Self {
        self.cache = bytes;
        self
    }

    /// Goes on with the decoded state after each transition, as after a crash. For tests: it finds values that do
    /// not survive being stored.
    pub fn reload_every_transition(mut self, reload: bool) -> Self {
        self.settings.rules.reloads = reload;
        self
    }

    /// For tests: the time that runs sleep by. See [`testing::Clock`].
    pub fn clock(mut self, clock: &testing::Clock) -> Self {
        self.settings.rules.clock = Clock::Moved(clock.clone());
        self
    }

    /// The runs in the store that this program could not go on with: what [`Runtime::check`] says, before this process
    /// announces itself or takes up any run.
    ///
    /// # Errors
    /// `is_store`.
    pub async fn check(&self) -> Result<Vec<Unresumable>, Error> {
        Check { store: self.store.as_ref(), workflows: &self.workflows, rules: &self.settings.rules }.run().await
    }

    /// For tests: this closure runs in the place of a step. A later one for the same step takes its place.
    pub fn fake<N: Fakeable>(self, fake: &Fake<N>) -> Self {
        self.fakes.add(fake);
        self
    }

    /// Announces this process in the store, and takes up the runs that nobody drives.
    ///
    /// # Errors
    /// When two workflows of one name are registered; `is_store`.
    ///
    /// # Panics
    /// Outside a tokio runtime with its timer.
    pub async fn build(mut self) -> Result<Runtime<A>, Error> {
        if let Some(name) = self.twice {
            return Err(Error::new(format!("two workflows with the name `{name}` are registered: rename one of them")));
        }
        self.settings.rules.shared = Shared::new(self.limits, self.cache, self.fakes);
        let core = Arc::new(Core {
            worker: Uuid::now_v7(),
            batcher: Batcher::new(self.store),
            workflows: self.workflows,
            settings: self.settings,
            lives: Default::default(),
            retired: Notify::new(),
            closed: CancellationToken::new(),
            deltas: broadcast::Sender::new(DELTAS),
            timers: Default::default(),
            reading: Semaphore::new(READ_AT_ONCE),
            tokio: tokio::runtime::Handle::current(),
        });
        // From here on: whoever drops this future gives the lease back.
        let handle = Arc::new(Handle(core));
        let core = &handle.0;
        let renewed = upkeep::renew(core).await.map_err(store_failed)?;
        upkeep::begin(core, renewed);
        core.claim_any().await?;
        Ok(Runtime { handle, app: self.app })
    }
}

fn code<W: Workflow<A>, A: Send + Sync + 'static>(
    app: &Arc<A>,
    live: &Arc<Live>,
    machine: Machine<W::Vars>,
) -> BoxFuture<'static, Result<(), Error>> {
    let (app, live) = (Arc::clone(app), Arc::clone(live));
    async move { root::<W, A>(&app, &live, machine).await }.boxed()
}

/// A run that is about to be started: await it.
pub struct Start<W: Workflow<A>, A> {
    runtime: Runtime<A>,
    input: W::Input,
    key: Option<String>,
    durability: Durability,
}

impl<W: Workflow<A>, A> fmt::Debug for Start<W, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start").field("workflow", &W::GRAPH.workflow).field("key", &self.key).finish_non_exhaustive()
    }
}

impl<W: Workflow<A>, A: Send + Sync + 'static> Start<W, A> {
    pub(super) fn new(runtime: Runtime<A>, input: W::Input) -> Self {
        Self { runtime, input, key: None, durability: Durability::default() }
    }

    /// Your own name for the run, `order-17`: starting again with the same key and input gives the same run.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// When what the run does is written. Without this call: after each step.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    async fn start(self) -> Result<Run<W>, Error> {
        let Self { runtime, input, key, durability } = self;
        let core = &runtime.handle.0;
        let workflow = W::GRAPH.workflow;
        if !core.workflows.contains_key(workflow) {
            return Err(not_registered(workflow));
        }
        if core.closed.is_cancelled() {
            return Err(Error::new("the runtime has been shut down: build another one to start runs"));
        }
        let (new, machine, next_value) = new_run::<W, A>(input, core.settings.rules.value_limit, core.worker, core.now())?;
        let new = NewRun { key, durability, checkpoints: core.settings.checkpoints, ..new };
        let claim = new.claim();
        let (id, fresh) = started(core, new).await?;
        if !fresh {
            return Ok(Run::new(runtime.handle, id));
        }
        let app = Arc::clone(&runtime.app);
        let begin = move |live: &Arc<Live>| {
            live.values_from(next_value);
            code::<W, A>(&app, live, machine)
        };
        core.adopt(&claim, Begin::Fresh(Box::new(begin)));
        Ok(Run::new(runtime.handle, id))
    }
}

impl<W: Workflow<A>, A: Send + Sync + 'static> IntoFuture for Start<W, A> {
    type Output = Result<Run<W>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.start().boxed()
    }
}

/// Writes a start. Gives the run, and whether it is a new one.
pub(super) async fn started(core: &Arc<Core>, new: NewRun) -> Result<(RunId, bool), Error> {
    let (key, workflow) = (new.key.clone(), new.workflow.clone());
    match core.commit_start(new).await {
        Ok(Committed::Started { run, fresh }) => Ok((run, fresh)),
        Ok(other) => Err(Error::new(format!("the store answered {other:?} to a start"))),
        Err(Refused::KeyConflict { run, workflow: other }) => Err(key_conflict(&key.unwrap_or_default(), &workflow, run, &other)),
        Err(refusal) => Err(refused(core, RunId::new(), "", refusal).await),
    }
}

/// What begins a run, and its machine at the start.
///
/// # Errors
/// When the input cannot be stored.
pub(crate) fn new_run<W: Workflow<A>, A>(
    input: W::Input,
    value_limit: usize,
    worker: Uuid,
    now: SystemTime,
) -> Result<(NewRun, Machine<W::Vars>, u64), Error> {
    let workflow = W::GRAPH.workflow;
    let encoded = Encoded::of(&input).map_err(|error| crate::machine::cannot_store("input", &error))?;
    let mut machine = W::start(input);
    let mut next = 1;
    let frame = machine.save(value_limit, &mut || {
        next += 1;
        next - 1
    })?;
    let frame = frame.into_row(workflow.to_owned())?;
    let (run, fingerprint) = (RunId::new(), W::GRAPH.fingerprint);
    let new = NewRun {
        run,
        workflow: workflow.to_owned(),
        fingerprint,
        key: None,
        input: encoded,
        durability: Durability::default(),
        checkpoints: false,
        forked: None,
        frame,
        worker,
        now,
    };
    Ok((new, machine, next))
}
