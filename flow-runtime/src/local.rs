//! Workflows without a runtime: on the caller's task, with the app by reference, and nothing kept but what you keep.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};
use tokio::sync::broadcast;

use crate::clock::{self, Clock};
use crate::context::{Cx, Scope};
use crate::error::{Error, ErrorKind};
use crate::handle::{self, Outcome};
use crate::live::{Committer, Holding, Live, Own, Rules, Turn, Turns, load, root};
use crate::machine::Machine;
use crate::node::Suspends;
use crate::run::{Durability, RunId};
use crate::runtime::new_run;
use crate::secret;
use crate::snapshot::{Frame, Snapshot, StoredFrame, StoredValue};
use crate::step::Shared;
use crate::store::{
    FrameRow, FrameWrite, History, KeptBack, Memory, NewRun, Opening, Record, Store, SuspensionRow, Transition, WaitsFor,
};
use crate::workflow::{Workflow, drive};

/// A workflow that waits, between two calls: data, to be kept wherever you like.
///
/// Answer what is open and call [`go_on`]. As JSON it does not hold the values of a [`Secret`](crate::Secret), and a workflow that
/// needs one then fails with an error that says so: keep it as MessagePack there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parked {
    /// Where it stands.
    pub snapshot: Snapshot,
    /// What it waits for, oldest first.
    pub pending: Vec<SuspensionRow>,
    /// The answers by path, in the order they were given.
    #[serde(default)]
    answers: Given,
    /// The signals, in the order they were given.
    #[serde(default)]
    signals: Given,
}

/// Answers by path, or signals by name. Shown without the secrets in them.
#[derive(Clone, Default, Deserialize)]
struct Given(Vec<(String, serde_json::Value)>);

impl Given {
    fn shown(&self) -> Vec<(&str, serde_json::Value)> {
        self.0.iter().map(|(to, value)| (to.as_str(), secret::hidden(value))).collect()
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.shown()).finish()
    }
}

impl Serialize for Given {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { self.shown().serialize(serializer) } else { self.0.serialize(serializer) }
    }
}

impl Parked {
    /// Answers the one suspension of this node.
    ///
    /// # Errors
    /// `is_not_suspended`, when there is none or more than one; `is_invalid_payload`, when the answer does not survive
    /// JSON.
    pub fn answer<N: Suspends>(&mut self, answer: N::Output) -> Result<&mut Self, Error> {
        let row = handle::only::<N>(&self.open())?.clone();
        self.put::<N>(&row, &answer)
    }

    /// Answers the suspension with this address, `editor_review#1`.
    ///
    /// # Errors
    /// `is_not_suspended`, when there is none of this node; `is_invalid_payload`, when the answer does not survive JSON.
    pub fn answer_at<N: Suspends>(&mut self, address: &str, answer: N::Output) -> Result<&mut Self, Error> {
        let row = handle::at::<N>(&self.open(), address)?.clone();
        self.put::<N>(&row, &answer)
    }

    /// Answers the suspension with this address with JSON; that it is of the right type is seen when the run goes on.
    ///
    /// # Errors
    /// `is_not_suspended`, when there is none.
    pub fn answer_json(&mut self, address: &str, answer: serde_json::Value) -> Result<&mut Self, Error> {
        let open = self.open();
        let row = open.iter().find(|row| row.address() == address || row.path == address);
        let missing = || Error::kind(ErrorKind::NotSuspended, format!("nothing is suspended at `{address}`"));
        self.answers.0.push((row.ok_or_else(missing)?.path.clone(), answer));
        Ok(self)
    }

    /// Gives it a signal, whether a place waits for it or not; that it is of the right type is seen when the run goes on.
    ///
    /// # Errors
    /// `is_invalid_payload`, when the payload cannot be stored as JSON.
    pub fn signal(&mut self, name: &str, payload: &impl Serialize) -> Result<&mut Self, Error> {
        self.signals.0.push((name.to_owned(), handle::signal_payload(name, payload)?));
        Ok(self)
    }

    fn open(&self) -> Vec<SuspensionRow> {
        let answered = |row: &&SuspensionRow| !self.answers.0.iter().any(|(path, _)| *path == row.path);
        self.pending.iter().filter(answered).cloned().collect()
    }

    fn put<N: Suspends>(&mut self, row: &SuspensionRow, answer: &N::Output) -> Result<&mut Self, Error> {
        self.answers.0.push((row.path.clone(), handle::answer::<N>(row, answer)?));
        Ok(self)
    }
}

/// Runs a workflow to its end, or until it waits for an answer or a signal. Where all that waits is a sleep, it sleeps.
///
/// The cheapest way: a workflow that never waits is driven without encoding anything.
pub async fn run<W, A>(app: &A, input: W::Input) -> Outcome<W::Output, Parked>
where
    W: Workflow<A>,
    A: Sync,
{
    if !W::INFO.suspends {
        let cx = Cx::new(app, Scope::nowhere());
        return drive::<A, W>(&cx, &mut W::start(input)).await.map_or_else(Outcome::Failed, Outcome::Completed);
    }
    begin::<W, A>(app, input).await.unwrap_or_else(Outcome::Failed)
}

async fn begin<W: Workflow<A>, A: Sync>(app: &A, input: W::Input) -> Result<Outcome<W::Output, Parked>, Error> {
    let (new, machine, next_value) = new_run::<W, A>(input, usize::MAX, uuid::Uuid::nil(), clock::now())?;
    let store = Arc::new(Memory::default());
    let run = new.run;
    write(&store, Record::Start(Box::new(new))).await?;
    let live = live::<W, A>(&store, run, HashSet::new());
    live.values_from(next_value);
    go::<W, A>(app, &store, live, machine).await
}

/// Goes on with a workflow that waited, with the answers that were given to it.
pub async fn go_on<W, A>(app: &A, parked: Parked) -> Outcome<W::Output, Parked>
where
    W: Workflow<A>,
    A: Sync,
{
    resume::<W, A>(app, parked).await.unwrap_or_else(Outcome::Failed)
}

/// Goes on from any snapshot, whether it stands where something waits or not.
///
/// It fails with an error that `is_incompatible` when the snapshot is of another workflow, or of one whose place or
/// variables have changed.
pub async fn from_snapshot<W, A>(app: &A, snapshot: Snapshot) -> Outcome<W::Output, Parked>
where
    W: Workflow<A>,
    A: Sync,
{
    go_on::<W, A>(app, Parked { snapshot, pending: Vec::new(), answers: Given::default(), signals: Given::default() }).await
}

async fn resume<W: Workflow<A>, A: Sync>(app: &A, parked: Parked) -> Result<Outcome<W::Output, Parked>, Error> {
    let workflow = W::GRAPH.workflow;
    let Parked { snapshot, pending, answers, signals } = parked;
    if snapshot.workflow != workflow {
        return Err(misfit(format!("the snapshot is of the workflow `{}`, not of `{workflow}`", snapshot.workflow)));
    }
    if !snapshot.frames.contains_key(workflow) {
        return Err(misfit(format!("the snapshot has no frame `{workflow}`")));
    }
    let (store, run) = (Arc::new(Memory::default()), RunId::new());
    put_in::<W, A>(&store, run, &snapshot, &pending).await?;
    for (path, payload) in answers.0 {
        write(&store, Record::Resume { run, path, payload, request: None, now: clock::now() }).await?;
    }
    for (name, payload) in signals.0 {
        write(&store, Record::Signal { run, name, payload, request: None, now: clock::now() }).await?;
    }
    let live = live::<W, A>(&store, run, pending.into_iter().map(|row| row.path).collect());
    let own = live.take_in(load(store.as_ref(), run).await?).unwrap_or_default();
    let machine = live.scope::<W>().load(&own)?;
    go::<W, A>(app, &store, live, machine).await
}

/// Writes a snapshot into an empty store.
async fn put_in<W: Workflow<A>, A>(
    store: &Arc<Memory>,
    run: RunId,
    snapshot: &Snapshot,
    pending: &[SuspensionRow],
) -> Result<(), Error> {
    let workflow = W::GRAPH.workflow.to_owned();
    let now = clock::now();
    let frame = row(&workflow, &snapshot.frames[&workflow])?;
    let input = crate::encoded::Encoded::of(&())?;
    let fingerprint = snapshot.fingerprint;
    let new = NewRun {
        run,
        workflow: workflow.clone(),
        fingerprint,
        key: None,
        input,
        durability: Durability::Transition,
        checkpoints: false,
        forked: None,
        frame,
        worker: uuid::Uuid::nil(),
        now,
    };
    write(store, Record::Start(Box::new(new))).await?;
    let transition = Transition {
        run,
        epoch: 1,
        frame: None,
        left: None,
        opens: None,
        end: None,
        facts: Vec::new(),
        now,
        again: false,
        kept_back: KeptBack::default(),
    };
    for (path, frame) in snapshot.frames.iter().filter(|(path, _)| **path != workflow) {
        let frame = Some(row(path, frame)?);
        write(store, Record::Transition(Box::new(Transition { frame, ..transition.clone() }))).await?;
    }
    for SuspensionRow { path, node, payload, schema, since, waits_for } in pending.iter().cloned() {
        let opens = Some(Opening { path, node, payload, schema, waits_for });
        write(store, Record::Transition(Box::new(Transition { opens, now: since, ..transition.clone() }))).await?;
    }
    Ok(())
}

fn row(path: &str, frame: &Frame) -> Result<FrameRow, Error> {
    let Frame { place, visits, waits, vars } = frame.clone();
    let vars = vars.into_iter().map(|(name, var)| (name, StoredValue::Inline(var.value))).collect();
    let frame = StoredFrame { place, visits, waits, vars };
    FrameWrite { frame, values: Vec::new(), dead: Vec::new() }.into_row(path.to_owned())
}

async fn write(store: &Arc<Memory>, record: Record) -> Result<(), Error> {
    match store.commit(vec![record]).await.pop() {
        Some(Ok(_)) => Ok(()),
        refused => Err(misfit(format!("the snapshot cannot be taken up: {refused:?}"))),
    }
}

fn live<W: Workflow<A>, A>(store: &Arc<Memory>, run: RunId, opened: HashSet<String>) -> Arc<Live> {
    let holding = Holding { run, workflow: W::GRAPH.workflow, epoch: 1, inbox_seq: 0, durability: Durability::Transition };
    let rules = Rules { value_limit: usize::MAX, reloads: false, shared: Arc::clone(Shared::process()), clock: Clock::System };
    let committer = Committer::Own(Own(Arc::clone(store) as Arc<dyn Store>));
    Arc::new(Live::new(&holding, committer, rules, broadcast::Sender::new(1)).with_opened(opened))
}

async fn go<W: Workflow<A>, A: Sync>(
    app: &A,
    store: &Arc<Memory>,
    live: Arc<Live>,
    machine: Machine<W::Vars>,
) -> Result<Outcome<W::Output, Parked>, Error> {
    let mut turns = Turns::new(&live, Box::pin(root::<W, A>(app, &live, machine)), Duration::ZERO);
    let end = loop {
        fire_due(store, &live).await?;
        match turns.next().await {
            Turn::Quiet(_) if sleep(store, &live).await? => {}
            end => break end,
        }
    };
    drop(turns);
    match end {
        Turn::Ended(ended) => ended?,
        Turn::Quiet(_) => {
            let (workflow, fingerprint) = (W::GRAPH.workflow.to_owned(), W::GRAPH.fingerprint);
            let snapshot = Snapshot { workflow, fingerprint, frames: load(store.as_ref(), live.run).await?.frames };
            let pending = store.suspensions(live.run).await?;
            return Ok(Outcome::Suspended(Parked { snapshot, pending, answers: Given::default(), signals: Given::default() }));
        }
        Turn::Lost(_) => return Err(Error::new("the state in memory was refused")),
    }
    let row = store.run(live.run).await?;
    let output = row.and_then(|row| row.output).ok_or_else(|| Error::new("the run ended without an output"))?;
    Ok(Outcome::Completed(output.decode()?))
}

/// Fires the timers that are due.
async fn fire_due(store: &Memory, live: &Live) -> Result<(), Error> {
    let now = clock::now();
    for timer in store.timers(usize::MAX).await?.into_iter().filter(|timer| timer.due <= now) {
        store.commit(vec![Record::Fire { run: timer.run, path: timer.path, now }]).await;
        live.hurry();
    }
    Ok(())
}

/// Sleeps until the next timer is due, or an answer was found; not, where something else is waited for.
async fn sleep(store: &Memory, live: &Live) -> Result<bool, Error> {
    let row = store.run(live.run).await?;
    if row.is_some_and(|row| live.is_behind(row.inbox_seq)) {
        return Ok(true);
    }
    let pending = store.suspensions(live.run).await?;
    let timers = store.timers(1).await?;
    let Some(next) = timers.first().filter(|_| pending.iter().all(|row| matches!(row.waits_for, WaitsFor::Time { .. }))) else {
        return Ok(false);
    };
    while clock::until(next.due) > Duration::ZERO {
        tokio::time::sleep(clock::until(next.due)).await;
    }
    Ok(true)
}

fn misfit(message: String) -> Error {
    Error::kind(ErrorKind::Incompatible, message)
}
