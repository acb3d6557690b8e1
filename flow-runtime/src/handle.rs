//! A run from outside: what it came to, and what it waits for.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use futures::Stream;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::live::Delta;
use crate::node::Suspends;
use crate::run::{RunId, RunStatus};
use crate::runtime::core::{Core, invalid_payload};
use crate::runtime::{Handle, watch};
use crate::secret;
use crate::store::{RunRow, SuspensionRow, WaitsFor};
use crate::workflow::Definition;

/// A run of the workflow `W`. It keeps the runtime alive; the run goes on whether you hold this or not.
pub struct Run<W> {
    handle: Arc<Handle>,
    id: RunId,
    workflow: PhantomData<fn() -> W>,
}

impl<W> Clone for Run<W> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.handle), self.id)
    }
}

impl<W> fmt::Debug for Run<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<W> Run<W> {
    pub(crate) fn new(handle: Arc<Handle>, id: RunId) -> Self {
        Self { handle, id, workflow: PhantomData }
    }

    /// Its id.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// Where it stands.
    ///
    /// # Errors
    /// `is_store`.
    pub async fn status(&self) -> Result<RunStatus, Error> {
        Ok(self.handle.0.row(self.id).await?.status)
    }

    /// What it waits for now, other arms running or not.
    ///
    /// # Errors
    /// `is_store`.
    pub async fn pending(&self) -> Result<Pending, Error> {
        Pending::read(&self.handle, self.id).await
    }

    /// Sends it a signal; see [`Runtime::signal`](crate::Runtime::signal).
    ///
    /// # Errors
    /// `is_wrong_status`, when it has ended; `is_invalid_payload`; `is_store`.
    pub async fn signal(&self, name: &str, payload: &impl serde::Serialize) -> Result<(), Error> {
        self.handle.0.signal(self.id, name, signal_payload(name, payload)?, None).await
    }

    /// The same for a request with a name of its own; see [`Runtime::signal_as`](crate::Runtime::signal_as).
    ///
    /// # Errors
    /// Those of [`signal`](Self::signal).
    pub async fn signal_as(&self, request: &str, name: &str, payload: &impl serde::Serialize) -> Result<(), Error> {
        self.handle.0.signal(self.id, name, signal_payload(name, payload)?, Some(request.to_owned())).await
    }

    /// Ends it from outside; see [`Runtime::cancel`](crate::Runtime::cancel).
    ///
    /// # Errors
    /// `is_wrong_status`, when it is completed; `is_store`.
    pub async fn cancel(&self) -> Result<(), Error> {
        self.handle.0.cancel(self.id).await
    }

    /// Lets it go on from where it failed; see [`Runtime::retry`](crate::Runtime::retry).
    ///
    /// # Errors
    /// `is_wrong_status`, unless it has failed; `is_unknown_workflow`; `is_store`.
    pub async fn retry(&self) -> Result<(), Error> {
        self.handle.0.retry(self.id).await
    }

    /// Its events from a number on; see [`Runtime::events`](crate::Runtime::events).
    pub fn events(&self, from: u64) -> impl Stream<Item = Result<Event, Error>> + Send + use<W> {
        watch::events(Arc::clone(&self.handle.0), self.id, from)
    }

    /// What its steps show while they run; see [`Runtime::deltas`](crate::Runtime::deltas).
    pub fn deltas(&self) -> impl Stream<Item = Delta> + Send + use<W> {
        watch::deltas(&self.handle.0, self.id)
    }
}

impl<W: Definition> Run<W> {
    /// Waits until the run has come to an end, or until nothing in it goes on without an answer or a signal from outside.
    /// A run in which all that waits is a sleep goes on by itself, so that is waited for.
    ///
    /// A run that waits in one arm while another arm works is not at rest: see [`pending`](Self::pending) for what
    /// is open at any time.
    ///
    /// # Errors
    /// `is_store`; `is_incompatible`, when the output is not of this type any more.
    pub async fn outcome(&self) -> Result<Outcome<W::Output>, Error> {
        loop {
            // Before the reading, so that no change is missed between the two.
            let seen = self.handle.0.live(self.id).map(|live| live.seen());
            let row = self.handle.0.row(self.id).await?;
            let quiet = seen.as_ref().and_then(|seen| seen.borrow().quiet);
            match row.status {
                RunStatus::Completed => return Ok(Outcome::Completed(output(&row)?)),
                RunStatus::Failed => {
                    return Ok(Outcome::Failed(row.error.unwrap_or_else(|| Error::new("it failed without an error"))));
                }
                RunStatus::Cancelled => return Ok(Outcome::Cancelled),
                // An answer that was accepted and is not taken yet makes the numbers differ.
                RunStatus::Running if quiet != Some(row.inbox_seq) => {}
                RunStatus::Running | RunStatus::Suspended => {
                    let pending = Pending::read(&self.handle, self.id).await?;
                    if !pending.only_sleeps() {
                        return Ok(Outcome::Suspended(pending));
                    }
                }
            }
            watch::change(seen).await;
        }
    }

    /// Whether nothing in it goes on before a time comes, and nothing else would let it go on.
    pub(crate) async fn only_sleeps(&self) -> bool {
        let seen = self.handle.0.live(self.id).map(|live| live.seen());
        let Ok(row) = self.handle.0.row(self.id).await else { return false };
        let quiet = seen.as_ref().and_then(|seen| seen.borrow().quiet);
        match row.status {
            RunStatus::Running if quiet != Some(row.inbox_seq) => false,
            RunStatus::Running | RunStatus::Suspended => {
                self.pending().await.is_ok_and(|pending| !pending.rows.is_empty() && pending.only_sleeps())
            }
            _ => false,
        }
    }
}

fn output<T: DeserializeOwned>(row: &RunRow) -> Result<T, Error> {
    let misfit = |why: String| Error::kind(ErrorKind::Incompatible, format!("the output of run `{}` {why}", row.run));
    let output = row.output.as_ref().ok_or_else(|| misfit("is missing".to_owned()))?;
    output.decode().map_err(|error| misfit(format!("has another type now: it {error}")))
}

/// What a run came to.
#[derive(Clone, Debug)]
#[must_use = "a run may be suspended, failed or cancelled"]
pub enum Outcome<T, S = Pending> {
    /// It ended with its output.
    Completed(T),
    /// It waits for what is in here.
    Suspended(S),
    /// It failed.
    Failed(Error),
    /// It was cancelled.
    Cancelled,
}

impl<T, S> Outcome<T, S> {
    /// The output.
    ///
    /// # Errors
    /// The error of a failed run; otherwise one that says where the run stands instead.
    pub fn completed(self) -> Result<T, Error> {
        match self {
            Self::Completed(output) => Ok(output),
            Self::Suspended(_) => {
                Err(Error::kind(ErrorKind::WrongStatus, "the run is suspended: it waits for an answer, not completed"))
            }
            other => Err(other.ended()),
        }
    }

    /// What the run waits for.
    ///
    /// # Errors
    /// The error of a failed run; otherwise one that says where the run stands instead.
    pub fn suspended(self) -> Result<S, Error> {
        match self {
            Self::Suspended(pending) => Ok(pending),
            Self::Completed(_) => Err(Error::kind(ErrorKind::WrongStatus, "the run is completed: it waits for nothing")),
            other => Err(other.ended()),
        }
    }

    fn ended(self) -> Error {
        match self {
            Self::Failed(error) => error,
            _ => Error::kind(ErrorKind::Cancelled, "the run was cancelled"),
        }
    }
}

/// What a run waits for.
#[derive(Clone, Debug)]
pub struct Pending {
    handle: Arc<Handle>,
    run: RunId,
    rows: Vec<SuspensionRow>,
}

impl Pending {
    pub(crate) async fn read(handle: &Arc<Handle>, run: RunId) -> Result<Self, Error> {
        let rows = handle.0.history().suspensions(run).await?;
        if rows.is_empty() {
            handle.0.row(run).await?;
        }
        Ok(Self { handle: Arc::clone(handle), run, rows })
    }

    fn only_sleeps(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.waits_for, WaitsFor::Time { .. }))
    }

    /// All of it, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, SuspensionRow> {
        self.rows.iter()
    }

    /// The one suspension of this node.
    ///
    /// # Errors
    /// `is_not_suspended`, when there is none or more than one; the error names what is open.
    pub fn one<N: Suspends>(&self) -> Result<Suspension<N>, Error> {
        only::<N>(&self.rows).map(|row| self.suspension(row))
    }

    /// Every suspension of this node, oldest first.
    pub fn all<N: Suspends>(&self) -> Vec<Suspension<N>> {
        self.rows.iter().filter(|row| row.node == N::INFO.name).map(|row| self.suspension(row)).collect()
    }

    /// The suspension with this address.
    ///
    /// # Errors
    /// `is_not_suspended`, when there is none, or one of another node; the error names what is open.
    pub fn at<N: Suspends>(&self, address: &str) -> Result<Suspension<N>, Error> {
        at::<N>(&self.rows, address).map(|row| self.suspension(row))
    }

    fn suspension<N>(&self, row: &SuspensionRow) -> Suspension<N> {
        Suspension {
            core: Arc::clone(&self.handle.0),
            _handle: Arc::clone(&self.handle),
            run: self.run,
            row: row.clone(),
            node: PhantomData,
        }
    }
}

impl<'p> IntoIterator for &'p Pending {
    type Item = &'p SuspensionRow;
    type IntoIter = std::slice::Iter<'p, SuspensionRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

pub(crate) fn only<N: Suspends>(rows: &[SuspensionRow]) -> Result<&SuspensionRow, Error> {
    let name = N::INFO.name;
    let found: Vec<_> = rows.iter().filter(|row| row.node == name).collect();
    match found.as_slice() {
        [row] => Ok(row),
        [] => Err(not_open(&format!("nothing waits for `{name}`; {}", open(rows)))),
        several => {
            let places: Vec<_> = several.iter().map(|row| format!("`{}`", row.address())).collect();
            Err(not_open(&format!("several places wait for `{name}`: {}; choose one by its address", places.join(", "))))
        }
    }
}

pub(crate) fn at<'r, N: Suspends>(rows: &'r [SuspensionRow], address: &str) -> Result<&'r SuspensionRow, Error> {
    let row = rows.iter().find(|row| row.address() == address || row.path == address);
    let row = row.ok_or_else(|| not_open(&format!("nothing waits at `{address}`; {}", open(rows))))?;
    let name = N::INFO.name;
    if row.node == name { Ok(row) } else { Err(not_open(&format!("`{address}` waits for `{}`, not for `{name}`", row.node))) }
}

fn not_open(message: &str) -> Error {
    Error::kind(ErrorKind::NotSuspended, message)
}

fn open(rows: &[SuspensionRow]) -> String {
    let open: Vec<_> = rows.iter().map(|row| format!("`{}`", row.address())).collect();
    if open.is_empty() { "nothing is open".to_owned() } else { format!("open: {}", open.join(", ")) }
}

/// An answer as it is stored, checked by reading it back: what cannot be read then would fail the run.
pub(crate) fn answer<N: Suspends>(row: &SuspensionRow, answer: &N::Output) -> Result<serde_json::Value, Error> {
    let invalid = |error: serde_json::Error| invalid_payload(row.address(), &error.to_string());
    let json = secret::stored(|| serde_json::to_value(answer)).map_err(invalid)?;
    serde_json::from_value::<N::Output>(json.clone()).map_err(invalid)?;
    Ok(json)
}

/// A signal as it is stored.
pub(crate) fn signal_payload(name: &str, payload: &impl serde::Serialize) -> Result<serde_json::Value, Error> {
    let message = |error: serde_json::Error| format!("the signal `{name}` cannot be stored: {error}");
    secret::stored(|| serde_json::to_value(payload)).map_err(|error| Error::kind(ErrorKind::InvalidPayload, message(error)))
}

/// One open suspension: one visit of one place, which takes one answer.
pub struct Suspension<N> {
    core: Arc<Core>,
    _handle: Arc<Handle>,
    run: RunId,
    row: SuspensionRow,
    node: PhantomData<fn() -> N>,
}

impl<N> fmt::Debug for Suspension<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suspension").field("run", &self.run).field("row", &self.row).finish_non_exhaustive()
    }
}

impl<N> Suspension<N> {
    /// What it is called: its place with its visit, `editor_review#1`.
    pub fn address(&self) -> &str {
        self.row.address()
    }

    /// When it opened.
    pub fn since(&self) -> SystemTime {
        self.row.since
    }
}

impl<N: Suspends> Suspension<N> {
    /// What it shows.
    ///
    /// # Errors
    /// `is_incompatible`, when what is stored is not of this type any more.
    pub fn payload(&self) -> Result<N::Shown, Error> {
        serde_json::from_value(self.row.payload.clone()).map_err(|error| {
            Error::kind(ErrorKind::Incompatible, format!("what `{}` shows has another type now: {error}", self.address()))
        })
    }

    /// Answers it. When this returns the answer is accepted for good; the run goes on by itself.
    ///
    /// # Errors
    /// `is_already_resumed`; `is_withdrawn`, when the run went on or ended without it; `is_invalid_payload`, when the
    /// answer does not survive JSON; `is_store`.
    pub async fn resume(&self, answer: N::Output) -> Result<(), Error> {
        let json = self::answer::<N>(&self.row, &answer)?;
        self.core.resume(self.run, &self.row.path, json, None).await
    }

    /// The same for a request with a name of its own, which its sender gives again when it has got no reply: the first one
    /// counts, and each gets its reply.
    ///
    /// # Errors
    /// Those of [`resume`](Self::resume); an answer by another request is `is_already_resumed`.
    pub async fn resume_as(&self, request: &str, answer: N::Output) -> Result<(), Error> {
        let json = self::answer::<N>(&self.row, &answer)?;
        self.core.resume(self.run, &self.row.path, json, Some(request.to_owned())).await
    }
}
