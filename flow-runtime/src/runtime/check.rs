//! Which runs of a store this program could not go on with.
//!
//! A run is looked at by its own code: it takes up what is stored of its machines and stops where it would begin a step,
//! write or wait. So the same code judges here that judges when a run is driven, and no second list of frames can differ from it.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use futures::FutureExt;
use futures::future::{BoxFuture, pending};
use tokio_util::sync::CancellationToken;

use super::core::{Registered, not_registered};
use crate::clock::Clock;
use crate::context::{Answer, Busy, Change, Cx, Host, Scope};
use crate::error::{Error, ErrorKind};
use crate::event::Fact;
use crate::live::{Loaded, Rules, load, own_place, panicked};
use crate::run::{RunId, RunStatus};
use crate::snapshot::Frame;
use crate::step::Shared;
use crate::store::{Opening, RunFilter, RunRow, Store, ValueId};
use crate::workflow::{Workflow, drive};

/// A stored run that this program could not go on with.
#[derive(Clone, Debug)]
pub struct Unresumable {
    /// The run.
    pub run: RunId,
    /// Its workflow.
    pub workflow: String,
    /// Where it stands, without visits: `editor_review`, `outline_seo/seo/keywords`. Empty where that cannot be read.
    pub place: String,
    /// What taking it up would say.
    pub reason: Error,
}

/// Makes the code of a run that is only looked at.
pub(super) type Look = Box<dyn Fn(Arc<dyn Host>, Frame) -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// The code of runs of a workflow, to be looked at.
pub(super) fn look<W: Workflow<A>, A: Send + Sync + 'static>(app: &Arc<A>) -> Look {
    let app = Arc::clone(app);
    Box::new(move |host, frame| {
        let app = Arc::clone(&app);
        async move {
            let scope = Scope::of::<W>(Some(host), W::GRAPH.workflow.to_owned());
            let mut machine = scope.load::<W::Vars>(&frame)?;
            drive::<A, W>(&Cx::new(&app, scope), &mut machine).await.map(drop)
        }
        .boxed()
    })
}

/// What is checked, and by what.
pub(super) struct Check<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) workflows: &'a BTreeMap<&'static str, Registered>,
    pub(super) rules: &'a Rules,
}

impl Check<'_> {
    /// The runs that could not be resumed.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn run(&self) -> Result<Vec<Unresumable>, Error> {
        let mut found = BTreeMap::new();
        for status in [RunStatus::Failed, RunStatus::Suspended, RunStatus::Running] {
            let mut filter = RunFilter { status: Some(status), limit: 64, ..RunFilter::default() };
            loop {
                let page = self.store.runs(filter.clone()).await?;
                filter.before = page.last().map(|row| (row.started, row.run));
                for row in &page {
                    if let Some(unresumable) = self.judge(row).await? {
                        found.insert(row.run, unresumable);
                    }
                }
                if page.len() < filter.limit {
                    break;
                }
            }
        }
        Ok(found.into_values().collect())
    }

    async fn judge(&self, row: &RunRow) -> Result<Option<Unresumable>, Error> {
        const TRIES: usize = 5;
        let found = |place: String, reason| Some(Unresumable { run: row.run, workflow: row.workflow.clone(), place, reason });
        let Some(registered) = self.workflows.get(row.workflow.as_str()) else {
            return Ok(found(own_place(self.store, row.run, &row.workflow).await?, not_registered(&row.workflow)));
        };
        let mut tried = 1;
        let loaded = loop {
            match load(self.store, row.run).await {
                // Between two reads the run may have moved, and a value with it.
                Err(error) if error.is_incompatible() && tried < TRIES => tried += 1,
                Err(error) if error.is_incompatible() => {
                    return Ok(found(bare(&row.workflow, error.path().unwrap_or_default()), error));
                }
                loaded => break loaded?,
            }
        };
        match self.taken_up(registered, row, loaded) {
            // Another program may have ended it since it was listed.
            Some(_) if self.has_ended(row.run).await? => Ok(None),
            misfit => Ok(misfit.and_then(|Misfit { place, error }| found(bare(&row.workflow, &place), error))),
        }
    }

    /// Why the run cannot go on, if it cannot.
    fn taken_up(&self, registered: &Registered, row: &RunRow, mut loaded: Loaded) -> Option<Misfit> {
        let place = |frames: &Frame| format!("{}/{}", row.workflow, frames.place);
        let Some(frame) = loaded.frames.remove(&row.workflow) else {
            let error = Error::kind(ErrorKind::Incompatible, format!("run `{}` has no frame", row.run));
            return Some(Misfit { place: String::new(), error });
        };
        let own = place(&frame);
        let frames = loaded.frames.into_iter().collect();
        let looker = Arc::new(Looker::new(row.run, frames, self.rules.clone()));
        let code = (registered.look)(Arc::clone(&looker) as _, frame);
        // Once is enough: what is not ready then waits for something that does not come.
        let code = tokio::task::unconstrained(AssertUnwindSafe(code).catch_unwind());
        let ended = code.now_or_never();
        if let Some(misfit) = lock(&looker.misfit).take() {
            return Some(misfit);
        }
        let panic = ended.and_then(Result::err)?;
        Some(Misfit { place: own, error: panicked(panic.as_ref()) })
    }

    async fn has_ended(&self, run: RunId) -> Result<bool, Error> {
        Ok(self.store.run(run).await?.is_none_or(|row| row.status.is_final()))
    }
}

/// A path without the workflow and without visits.
fn bare(workflow: &str, path: &str) -> String {
    let path = path.strip_prefix(workflow).unwrap_or(path);
    let segments = path.split('/').map(|segment| segment.split(['#', '[']).next().unwrap_or_default());
    segments.filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/")
}

#[derive(Debug)]
struct Misfit {
    place: String,
    error: Error,
}

/// Who looks at a run: nothing is done and nothing comes.
struct Looker {
    run: RunId,
    frames: Mutex<HashMap<String, Frame>>,
    misfit: Mutex<Option<Misfit>>,
    busy: Arc<std::sync::atomic::AtomicUsize>,
    shared: Arc<Shared>,
    value_limit: usize,
    clock: Clock,
    cancelled: CancellationToken,
}

impl Looker {
    fn new(run: RunId, frames: HashMap<String, Frame>, rules: Rules) -> Self {
        Self {
            run,
            frames: Mutex::new(frames),
            misfit: Mutex::default(),
            busy: Arc::default(),
            shared: rules.shared,
            value_limit: rules.value_limit,
            clock: rules.clock,
            cancelled: CancellationToken::new(),
        }
    }
}

impl Host for Looker {
    fn run(&self) -> RunId {
        self.run
    }
    fn frame(&self, path: &str) -> Option<Frame> {
        lock(&self.frames).remove(path)
    }
    fn place(&self, path: &str) -> Option<String> {
        lock(&self.frames).get(path).map(|frame| frame.place.clone())
    }
    fn below(&self, place: &str) -> Vec<String> {
        crate::live::below(lock(&self.frames).keys(), place)
    }
    fn commit(&self, _: Change) -> BoxFuture<'_, Result<(), Error>> {
        pending().boxed()
    }
    fn wait(&self, _: String) -> BoxFuture<'_, Answer> {
        pending().boxed()
    }
    fn reopen(&self, _: &str, _: &dyn Fn() -> Opening) {}
    fn note(&self, _: Fact) {}
    fn busy(&self) -> Busy {
        Busy::new(&self.busy)
    }
    fn new_value(&self) -> ValueId {
        1
    }
    fn value_limit(&self) -> usize {
        self.value_limit
    }
    fn reloads(&self) -> bool {
        false
    }
    fn only_looks(&self) -> bool {
        true
    }
    fn misfit(&self, path: &str, frame: &Frame, error: &Error) {
        let misfit = Misfit { place: format!("{path}/{}", frame.place), error: error.clone() };
        lock(&self.misfit).get_or_insert(misfit);
    }
    fn shared(&self) -> &Shared {
        &self.shared
    }
    fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }
    fn now(&self) -> SystemTime {
        self.clock.now()
    }
    fn emit(&self, _: &str, _: serde_json::Value) {}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
