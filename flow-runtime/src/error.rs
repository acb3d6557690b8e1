//! What can go wrong: [`Error`] for a run or a call, [`StepError`] for one step.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::encoded::EncodeError;

/// A boxed foreign error: what every error of a step converts into.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// What a run or a call of this crate failed with.
///
/// It takes every error by `?`, as `anyhow::Error` does, and for the same reason does not implement
/// `std::error::Error` itself. Unlike it, it is data: a failed run keeps its error in the store.
/// What kind it is, its predicates tell.
///
/// ```
/// use flow_runtime::Error;
///
/// fn parse(text: &str) -> Result<u8, Error> {
///     Ok(text.parse::<u8>()?)
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    /// The causes, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    /// Where in the run it happened: a place with its visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, schemars::JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorKind {
    Failed,
    Step {
        retryable: bool,
        /// An attempt took longer than the `timeout` of the step.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        timed_out: bool,
    },
    Incompatible,
    NotSuspended,
    AlreadyResumed,
    Withdrawn,
    UnknownRun,
    UnknownWorkflow,
    KeyConflict,
    InvalidPayload,
    TooLarge,
    Busy,
    WrongStatus,
    Fenced,
    Store,
    Sealed,
    Cancelled,
    Panicked,
    Expired,
    Poisoned,
}

impl Error {
    /// An error of your own words.
    pub fn new(message: impl fmt::Display) -> Self {
        Self::kind(ErrorKind::Failed, message)
    }

    pub(crate) fn kind(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self(Box::new(Inner { kind, message: message.to_string(), causes: Vec::new(), path: None }))
    }

    /// Says where it happened, unless something closer to it already did.
    pub(crate) fn at(mut self, path: impl Into<String>) -> Self {
        self.0.path.get_or_insert_with(|| path.into());
        self
    }

    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn caused_by(mut self, cause: &(dyn StdError + 'static)) -> Self {
        self.0.causes.extend(chain(Some(cause)));
        self
    }

    /// The place where it happened, with its visits: `content/draft_deep#0`.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The causes, outermost first.
    pub fn causes(&self) -> impl Iterator<Item = &str> {
        self.0.causes.iter().map(String::as_str)
    }

    /// Message and causes: what came out of somebody's code.
    #[cfg(feature = "seal")]
    pub(crate) fn words(&self) -> (&str, &[String]) {
        (&self.0.message, &self.0.causes)
    }

    #[cfg(feature = "seal")]
    pub(crate) fn with_words(mut self, (message, causes): (String, Vec<String>)) -> Self {
        (self.0.message, self.0.causes) = (message, causes);
        self
    }

    /// A step failed and its retries are used up.
    pub fn is_step(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Step { .. })
    }
    /// The last attempt of a step took longer than its `timeout`.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Step { timed_out: true, .. })
    }
    /// A stored run does not fit the workflow of this program.
    pub fn is_incompatible(&self) -> bool {
        self.0.kind == ErrorKind::Incompatible
    }
    /// Nothing is suspended at the address that was to be resumed.
    pub fn is_not_suspended(&self) -> bool {
        self.0.kind == ErrorKind::NotSuspended
    }
    /// The suspension had its answer before.
    pub fn is_already_resumed(&self) -> bool {
        self.0.kind == ErrorKind::AlreadyResumed
    }
    /// The run went on or was cancelled without an answer to this suspension.
    pub fn is_withdrawn(&self) -> bool {
        self.0.kind == ErrorKind::Withdrawn
    }
    /// The store has no such run.
    pub fn is_unknown_run(&self) -> bool {
        self.0.kind == ErrorKind::UnknownRun
    }
    /// The run's workflow is not registered with this runtime, or is another one than the call names.
    pub fn is_unknown_workflow(&self) -> bool {
        self.0.kind == ErrorKind::UnknownWorkflow
    }
    /// The key belongs to a run of another workflow or with another input.
    pub fn is_key_conflict(&self) -> bool {
        self.0.kind == ErrorKind::KeyConflict
    }
    /// The payload of a resume does not fit what the suspension takes.
    pub fn is_invalid_payload(&self) -> bool {
        self.0.kind == ErrorKind::InvalidPayload
    }
    /// A value is over the limit of the store.
    pub fn is_too_large(&self) -> bool {
        self.0.kind == ErrorKind::TooLarge
    }
    /// Another live process drives the run.
    pub fn is_busy(&self) -> bool {
        self.0.kind == ErrorKind::Busy
    }
    /// The run's status does not allow the call: a retry of a run that did not fail.
    pub fn is_wrong_status(&self) -> bool {
        self.0.kind == ErrorKind::WrongStatus
    }
    /// This process lost the run: another one took it over, or it was cancelled.
    pub fn is_fenced(&self) -> bool {
        self.0.kind == ErrorKind::Fenced
    }
    /// The store could not be read or written.
    pub fn is_store(&self) -> bool {
        self.0.kind == ErrorKind::Store
    }
    /// A value in the store cannot be opened: it was sealed with a key that is not here, or without a key it was not sealed at all.
    pub fn is_sealed(&self) -> bool {
        self.0.kind == ErrorKind::Sealed
    }
    /// The run was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.kind == ErrorKind::Cancelled
    }
    /// Nobody answered a suspension before its `deadline`.
    pub fn is_expired(&self) -> bool {
        self.0.kind == ErrorKind::Expired
    }
    /// Process after process died with the run, so it is driven no more until it is retried.
    pub fn is_poisoned(&self) -> bool {
        self.0.kind == ErrorKind::Poisoned
    }
    /// Code of the workflow or of a step panicked.
    pub fn is_panic(&self) -> bool {
        self.0.kind == ErrorKind::Panicked
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        match &self.0.path {
            Some(path) => write!(f, " (at `{path}`)"),
            None => Ok(()),
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let any = &error as &dyn Any;
        let sealed = matches!(any.downcast_ref(), Some(EncodeError::Sealed));
        match any.downcast_ref::<StepError>() {
            Some(step) => step.clone().into_error(),
            None => Self(Box::new(Inner {
                kind: if sealed { ErrorKind::Sealed } else { ErrorKind::Failed },
                message: error.to_string(),
                causes: chain(error.source()),
                path: None,
            })),
        }
    }
}

/// What a step failed with. It is data, so a workflow may keep one across an await.
///
/// Every error of a step becomes one, and is retryable unless it says otherwise:
/// return a [`StepError::terminal`] to stop the retries of the step at once.
///
/// ```
/// use flow_runtime::StepError;
///
/// let refused = StepError::terminal("the card was refused");
/// assert!(!refused.is_retryable());
/// ```
#[derive(Clone, Serialize, Deserialize, schemars::JsonSchema, PartialEq, Eq)]
pub struct StepError(Box<Inner>);

impl StepError {
    /// An error that the step's retries may overcome.
    pub fn retryable(error: impl Into<BoxError>) -> Self {
        Self::from_box(error.into(), true)
    }

    /// An error that no retry can overcome.
    pub fn terminal(error: impl Into<BoxError>) -> Self {
        Self::from_box(error.into(), false)
    }

    fn from_box(error: BoxError, retryable: bool) -> Self {
        match error.downcast::<Self>() {
            Ok(mut step) => {
                if let ErrorKind::Step { retryable: may, .. } = &mut step.0.kind {
                    *may &= retryable;
                }
                *step
            }
            Err(error) => Self(Box::new(Inner {
                kind: ErrorKind::Step { retryable, timed_out: false },
                message: error.to_string(),
                causes: chain(error.source()),
                path: None,
            })),
        }
    }

    pub(crate) fn timed_out(limit: Duration) -> Self {
        let kind = ErrorKind::Step { retryable: true, timed_out: true };
        Error::kind(kind, format!("took longer than its `timeout` of {limit:?}")).into()
    }

    pub(crate) fn expired(node: &str) -> Self {
        Error::kind(ErrorKind::Expired, format!("nobody answered `{node}` before its `deadline`")).into()
    }

    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        Error::kind(ErrorKind::Panicked, format!("panicked: {}", panic_message(payload))).into()
    }

    pub(crate) fn at(mut self, path: impl Into<String>) -> Self {
        self.0.path.get_or_insert_with(|| path.into());
        self
    }

    /// Says that it happened somewhere else: another call ran, and this one takes what that gave.
    pub(crate) fn moved_to(mut self, path: String) -> Self {
        self.0.path = Some(path);
        self
    }

    pub(crate) fn into_error(self) -> Error {
        Error(self.0)
    }

    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Step { retryable: true, .. })
    }

    /// Whether no further attempt can help: the step said so, or it panicked.
    pub fn is_terminal(&self) -> bool {
        !self.is_retryable()
    }

    /// Whether the last attempt took longer than the `timeout` of the step.
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Step { timed_out: true, .. })
    }

    /// Whether nobody answered a suspension before its `deadline`.
    pub fn is_expired(&self) -> bool {
        self.0.kind == ErrorKind::Expired
    }

    /// Whether the step panicked.
    pub fn is_panic(&self) -> bool {
        self.0.kind == ErrorKind::Panicked
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl fmt::Debug for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for StepError {}

impl From<Error> for StepError {
    /// How a nested workflow's failure reaches the workflow that awaits it: with its kind.
    fn from(error: Error) -> Self {
        Self(error.0)
    }
}

pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> &str {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "without a message",
    }
}

fn chain(mut cause: Option<&(dyn StdError + 'static)>) -> Vec<String> {
    let mut causes = Vec::new();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    causes
}

impl From<Error> for BoxError {
    /// So that a step may return `Result<T, flow_runtime::Error>`.
    fn from(error: Error) -> Self {
        Box::new(StepError::from(error))
    }
}
