//! Who looks at a run: it takes up what is stored of its machines by its own code, and nothing is done and nothing comes.

use std::collections::{BTreeMap, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use futures::FutureExt;
use futures::future::{BoxFuture, pending};
use tokio_util::sync::CancellationToken;

use super::core::Registered;
use crate::clock::Clock;
use crate::context::{Answer, Busy, Change, Cx, Host, Scope};
use crate::error::{Error, ErrorKind};
use crate::event::Fact;
use crate::live::{Rules, panicked};
use crate::run::RunId;
use crate::snapshot::Frame;
use crate::step::Shared;
use crate::store::{Opening, ValueId};
use crate::workflow::{Workflow, drive};

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

/// Takes a run up as far as nothing has to be done. Gives what it waits for.
pub(super) fn look_at(
    registered: &Registered,
    run: RunId,
    mut frames: BTreeMap<String, Frame>,
    rules: &Rules,
) -> Result<Vec<Opening>, Misfit> {
    let Some(frame) = frames.remove(registered.name) else {
        let error = Error::kind(ErrorKind::Incompatible, format!("run `{run}` has no frame"));
        return Err(Misfit { place: String::new(), error });
    };
    let own = format!("{}/{}", registered.name, frame.place);
    let looker = Arc::new(Looker::new(run, frames.into_iter().collect(), rules.clone()));
    let code = (registered.look)(Arc::clone(&looker) as _, frame);
    // Once is enough: what is not ready then waits for something that does not come.
    let code = tokio::task::unconstrained(AssertUnwindSafe(code).catch_unwind());
    let ended = code.now_or_never();
    if let Some(misfit) = lock(&looker.misfit).take() {
        return Err(misfit);
    }
    match ended.and_then(Result::err) {
        Some(panic) => Err(Misfit { place: own, error: panicked(panic.as_ref()) }),
        None => Ok(std::mem::take(&mut *lock(&looker.opens))),
    }
}

/// What cannot be taken up.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) place: String,
    pub(super) error: Error,
}

struct Looker {
    run: RunId,
    frames: Mutex<HashMap<String, Frame>>,
    misfit: Mutex<Option<Misfit>>,
    opens: Mutex<Vec<Opening>>,
    busy: Arc<AtomicUsize>,
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
            opens: Mutex::default(),
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
    fn reopen(&self, _: &str, opening: &dyn Fn() -> Opening) {
        lock(&self.opens).push(opening());
    }
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
