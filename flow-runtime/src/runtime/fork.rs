//! A new run from a state of another one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::Runtime;
use super::builder::started;
use super::core::{Begin, Core, not_registered};
use super::looker;
use crate::encoded::{EncodeError, Encoded};
use crate::error::{Error, ErrorKind};
use crate::handle::Run;
use crate::run::RunId;
use crate::snapshot::{Frame, StoredFrame, StoredValue};
use crate::store::{Checkpoint, Forked, FrameBytes, FrameRow, NewRun, RunRow, ValueId, ValueWrite, is_at_or_below};
use crate::workflow::Workflow;

/// How many places a refusal names.
const NAMED: usize = 12;

/// A run that is about to be forked: await it.
pub struct Fork<W, A> {
    runtime: Runtime<A>,
    of: RunId,
    at: String,
    edits: Vec<(String, Result<Encoded, EncodeError>)>,
    key: Option<String>,
    workflow: PhantomData<fn() -> W>,
}

impl<W, A> fmt::Debug for Fork<W, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fork").field("of", &self.of).field("at", &self.at).finish_non_exhaustive()
    }
}

impl<W: Workflow<A>, A: Send + Sync + 'static> Fork<W, A> {
    pub(super) fn new(runtime: Runtime<A>, of: RunId, at: &str) -> Self {
        Self { runtime, of, at: at.to_owned(), edits: Vec::new(), key: None, workflow: PhantomData }
    }

    /// Gives a variable that is alive at the place another value. It must be one, and of its type.
    pub fn set<T: serde::Serialize + ?Sized>(mut self, variable: &str, value: &T) -> Self {
        self.edits.push((variable.to_owned(), Encoded::of(value)));
        self
    }

    /// Your own name for the new run, as for one that is [started](super::Start::key). Whoever forks again with the same key gets the
    /// same run, wherever it was forked.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    async fn fork(self) -> Result<Run<W>, Error> {
        let Self { runtime, of, at, edits, key, .. } = self;
        let core = &runtime.handle.0;
        let workflow = W::GRAPH.workflow;
        let registered = core.workflows.get(workflow).ok_or_else(|| not_registered(workflow))?;
        runtime.run::<W>(of).await?;
        let row = core.row(of).await?;
        let place = format!("{workflow}/{at}");
        let mut state = State::of(core, &row, &place).await?;
        state.edit(edits, core.settings.rules.value_limit)?;
        let (frames, mut rows) = state.resolved()?;
        let opens = looker::look_at(registered, of, frames, &core.settings.rules);
        let opens = opens.map_err(|misfit| misfit.error.at(misfit.place))?;
        let dues: Vec<_> = opens.iter().filter_map(|opening| opening.waits_for.due()).collect();
        let frame =
            rows.remove(workflow).ok_or_else(|| Error::kind(ErrorKind::Incompatible, format!("run `{of}` has no frame")))?;
        let forked = Forked { of, at: place, arms: rows.into_values().collect(), opens };
        let new = NewRun {
            run: RunId::new(),
            workflow: workflow.to_owned(),
            fingerprint: W::GRAPH.fingerprint,
            key,
            input: row.input,
            durability: row.durability,
            checkpoints: core.settings.checkpoints,
            forked: Some(Box::new(forked)),
            frame,
            worker: core.worker,
            now: core.now(),
        };
        let claim = new.claim();
        let (run, fresh) = started(core, new).await?;
        if fresh {
            dues.into_iter().for_each(|due| core.timers.set(due));
            core.adopt(&claim, Begin::Stored);
        }
        Ok(Run::new(runtime.handle, run))
    }
}

impl<W: Workflow<A>, A: Send + Sync + 'static> IntoFuture for Fork<W, A> {
    type Output = Result<Run<W>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.fork().boxed()
    }
}

/// By the paths of the machines.
type Frames = BTreeMap<String, Frame>;
type Rows = BTreeMap<String, FrameRow>;

/// What a run is at a moment.
#[derive(Clone, Default)]
struct State {
    /// By the path of the machine.
    frames: BTreeMap<String, StoredFrame>,
    values: HashMap<ValueId, Encoded>,
    /// The machine that is to stand at the place.
    machine: String,
}

impl State {
    /// The state in which the run was last at a place.
    async fn of(core: &Core, row: &RunRow, place: &str) -> Result<Self, Error> {
        let kept = core.history().checkpoints(row.run).await?;
        if kept.is_empty() {
            return Self::present(core, row, place).await;
        }
        let (mut state, mut found, mut been) = (Self::default(), None, Vec::new());
        for Checkpoint { path, frame, values } in kept {
            state.values.extend(values);
            let Some(bytes) = frame else {
                state.frames.retain(|machine, _| !is_at_or_below(machine, &path));
                continue;
            };
            let frame = StoredFrame::from_bytes(&bytes).map_err(|error| error.at(&path))?;
            let stands = stands(&path, &frame);
            state.frames.insert(path.clone(), frame);
            if stands == place {
                found = Some(Self { machine: path, ..state.clone() });
            } else if been.last() != Some(&stands) {
                been.push(stands);
            }
        }
        let run = row.run;
        let places = |place: &str| format!("run `{run}` was never at `{place}`; it was at {}", named(row, &been));
        found.ok_or_else(|| Error::kind(ErrorKind::WrongStatus, places(bare(row, place))))
    }

    /// The state in which the run is, if it is at the place.
    async fn present(core: &Core, row: &RunRow, place: &str) -> Result<Self, Error> {
        let run = row.run;
        let (frames, values) = unmoved(core, run).await?;
        let read = |(path, bytes): (String, Vec<u8>)| {
            let frame = StoredFrame::from_bytes(&bytes).map_err(|error| error.at(&path))?;
            Ok((path, frame))
        };
        let frames = frames.into_iter().map(read).collect::<Result<BTreeMap<_, _>, Error>>()?;
        let been: Vec<_> = frames.iter().map(|(path, frame)| stands(path, frame)).collect();
        let Some(machine) = frames.keys().zip(&been).find(|(_, stands)| *stands == place).map(|(path, _)| path.clone()) else {
            let why = match been.is_empty() {
                true => format!("is {} and keeps no states: start runs with `checkpoints(true)` to fork them", row.status),
                false => {
                    let there = named(row, &been);
                    format!(
                        "keeps its present state alone, which is at {there}: fork it there, or start runs with `checkpoints(true)`"
                    )
                }
            };
            return Err(Error::kind(ErrorKind::WrongStatus, format!("run `{run}` {why}")));
        };
        Ok(Self { frames, values: values.into_iter().collect(), machine })
    }

    fn edit(&mut self, edits: Vec<(String, Result<Encoded, EncodeError>)>, limit: usize) -> Result<(), Error> {
        let Some(frame) = self.frames.get_mut(&self.machine) else { return Ok(()) };
        for (name, value) in edits {
            let value = value.map_err(|error| crate::machine::cannot_store(&name, &error))?;
            if value.as_bytes().len() > limit {
                return Err(crate::machine::too_large(&name, value.as_bytes().len(), limit));
            }
            match frame.vars.iter_mut().find(|(known, _)| *known == name) {
                Some((_, stored)) => *stored = StoredValue::Inline(value),
                None => return Err(no_variable(frame, &name)),
            }
        }
        Ok(())
    }

    /// The frames with all their values, and the rows to begin with.
    fn resolved(self) -> Result<(Frames, Rows), Error> {
        let (mut frames, mut rows) = (Frames::new(), Rows::new());
        for (path, stored) in self.frames {
            let (bytes, mut values) = (stored.to_bytes()?, Vec::new());
            let place = stored.place.clone();
            let frame = stored.resolve(|id| {
                let value = self.values.get(&id)?.clone();
                values.push(ValueWrite { id, value: value.clone() });
                Some(value)
            });
            frames.insert(path.clone(), frame.map_err(|error| error.at(&path))?);
            rows.insert(path.clone(), FrameRow { path, place, bytes, values, dead: Vec::new() });
        }
        Ok((frames, rows))
    }
}

/// The frames and the values of a run, of one moment.
async fn unmoved(core: &Core, run: RunId) -> Result<(FrameBytes, Vec<(ValueId, Encoded)>), Error> {
    const TRIES: usize = 20;
    let history = core.history();
    let mut frames = history.frames(run).await?;
    for _ in 0..TRIES {
        let values = history.values(run).await?;
        let again = history.frames(run).await?;
        if again == frames {
            return Ok((frames, values));
        }
        frames = again;
    }
    let why =
        format!("run `{run}` moves on faster than it is read: fork it where it waits, or start runs with `checkpoints(true)`");
    Err(Error::kind(ErrorKind::WrongStatus, why))
}

/// Where a machine stands, as events name it.
fn stands(path: &str, frame: &StoredFrame) -> String {
    match frame.visits.get(&frame.place) {
        Some(visits) => format!("{path}/{}#{}", frame.place, visits.saturating_sub(1)),
        None if frame.place == "start" => format!("{path}/start#0"),
        // An arm that is one node, or that has ended.
        None => path.to_owned(),
    }
}

/// A place as a caller names it.
fn bare<'p>(row: &RunRow, path: &'p str) -> &'p str {
    path.strip_prefix(&row.workflow).map_or(path, |rest| rest.trim_start_matches('/'))
}

/// The last of these places.
fn named(row: &RunRow, places: &[String]) -> String {
    let last = places.iter().skip(places.len().saturating_sub(NAMED));
    last.map(|path| format!("`{}`", bare(row, path))).collect::<Vec<_>>().join(", ")
}

fn no_variable(frame: &StoredFrame, name: &str) -> Error {
    let known: Vec<_> = frame.vars.iter().map(|(name, _)| format!("`{name}`")).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let message = format!("no variable `{name}` is alive at `{}`; there are {known}", frame.place);
    Error::kind(ErrorKind::Incompatible, message)
}
