//! What a workflow may await: the traits that `#[step]`, `#[suspend]` and `workflow!` implement.

use std::future::Future;
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::{Attempt, Cx};
use crate::error::{BoxError, StepError};
use crate::graph::Graph;
use crate::machine::At;
use crate::step::CacheKey;
use crate::store::WaitsFor;
use crate::testing::fake::{Fakes, Faking};

/// A value that crosses a step: it is stored, so it can be written, read back and described.
///
/// You never implement it: `#[derive(Serialize, Deserialize, JsonSchema)]` is enough. Interior mutability
/// (`RefCell`, atomics) is not supported: a change made through it between two places may be lost.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a run",
    label = "a value that crosses a step must be stored",
    note = "add `#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]` if the type is yours, or keep a value of another type; what is stored owns its data"
)]
pub trait Data: Serialize + DeserializeOwned + schemars::JsonSchema + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + schemars::JsonSchema + Send + Sync + 'static> Data for T {}

/// An app that has a resource. `#[derive(Provide)]` on a struct of resources implements it for each field.
///
/// ```
/// use flow_runtime::Provide;
///
/// struct Llm;
/// struct Smtp;
///
/// #[derive(Provide)]
/// struct App { llm: Llm, smtp: Smtp }
///
/// let app = App { llm: Llm, smtp: Smtp };
/// let _: &Llm = app.provide();
/// ```
#[diagnostic::on_unimplemented(
    message = "the app `{Self}` does not provide a `{R}`",
    label = "has no `{R}`",
    note = "add a field of type `{R}` to the app and `#[derive(flow_runtime::Provide)]`, or implement `Provide<{R}>` for it"
)]
pub trait Provide<R: ?Sized> {
    /// The resource.
    fn provide(&self) -> &R;
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Runs code.
    Step,
    /// Waits for an answer from outside.
    Suspend,
    /// Waits for a time.
    Sleep,
    /// Waits for a signal.
    Signal,
    /// Runs another workflow.
    Workflow,
    /// Runs arms side by side, to the end of all.
    Join,
    /// Runs one arm for each item.
    JoinAll,
    /// Runs arms side by side, to the end of the first.
    Select,
    /// A decision between places; nothing waits or runs there.
    Branch,
    /// Where a run begins.
    Start,
    /// Where a run ends.
    Done,
}

impl NodeKind {
    /// Whether arms run there, each a machine of its own.
    pub fn has_arms(self) -> bool {
        matches!(self, Self::Join | Self::JoinAll | Self::Select)
    }
}

/// The facts of a node that need no run.
#[derive(Clone, Copy, Debug)]
pub struct NodeInfo {
    /// The stored name.
    pub name: &'static str,
    /// What it is.
    pub kind: NodeKind,
    /// Its doc comment.
    pub doc: &'static str,
    /// Whether a run can wait inside of it.
    pub suspends: bool,
}

/// Something a workflow can await. Implemented by the macros, for the empty enum of the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be awaited in a workflow",
    label = "not a `#[step]`, a `#[suspend]` point or a workflow",
    note = "a run can stop only at the call of one: put what happens there into a `#[step] async fn`, and await that; leave `.await` out where nothing is waited for"
)]
pub trait Node: Sized + 'static {
    /// What `.await?` gives.
    type Output: Data;
    /// What the place keeps while it waits: the payload a suspension shows, `()` for a step.
    type Waits: Data;
    /// What the place keeps of a variable that only the call's arguments read: the variable itself
    /// where they are evaluated when the node runs, nothing where they were evaluated on entry.
    type Kept<T>;
    /// The node with its resources; its `call` takes the arguments.
    type Bound<'c>: Send;
    /// The node with its resources and arguments.
    type Call<'c>: Send;
    /// The node's facts.
    const INFO: NodeInfo;
    /// The graph of the workflow that the node is.
    const NESTED: Option<&'static Graph> = None;
    /// Whether the place waits for something from outside instead of running code.
    const WAITS: bool;

    /// Whether it runs on a thread that blocks, where nothing can stop it.
    const BLOCKS: bool = false;
    /// Never so: where two workflows await each other, rustc finds that this depends on itself, and shows the name of it.
    #[doc(hidden)]
    const AWAITS_ITSELF_WRITE_A_LOOP: bool = false;

    /// What a waiting place keeps. Called in the transition that enters the place.
    fn waits(call: Self::Call<'_>) -> Self::Waits;

    /// The same for a node whose wait begins at this time.
    fn waits_from(call: Self::Call<'_>, _now: SystemTime) -> Self::Waits {
        Self::waits(call)
    }

    /// What ends the wait of a waiting place.
    fn waits_for(_waits: &Self::Waits) -> WaitsFor {
        WaitsFor::Answer
    }

    /// What a waiting place shows to whoever is to answer.
    ///
    /// # Errors
    /// When the type's `Serialize` refuses the value.
    fn shows(waits: &Self::Waits) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(waits)
    }

    /// Whether an answer is of the type that the node of this stored name takes; the error names the field that does not
    /// fit. `None` if neither this node nor one it awaits has that name.
    fn accepts(_node: &str, _payload: &serde_json::Value) -> Option<Result<(), String>> {
        None
    }
}

/// A node that runs on the app `A`: everything it needs, `A` provides.
pub trait Step<A>: Node {
    /// Takes the node's resources from the app.
    fn bind(app: &A) -> Self::Bound<'_>;

    /// Runs the node to its end. The driver alone calls it, and never for a node that waits.
    fn perform<'c>(
        cx: &'c Cx<'_, A>,
        at: &'c At,
        call: Self::Call<'c>,
    ) -> impl Future<Output = Result<Self::Output, StepError>> + Send + 'c;
}

/// A node that waits for an answer from outside; what answers it is its `Output`. Implemented by `#[suspend]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` never suspends, so it cannot be resumed",
    label = "not a `#[suspend]` point",
    note = "name the function that carries `#[suspend(resume = ..)]`: `pending.one::<editor_review>()`"
)]
pub trait Suspends: Node {
    /// What it shows while it waits.
    type Shown: Data;
}

/// A step with its arguments, which can be tried several times.
pub trait Call: Send + Sync {
    /// What it gives.
    type Output;

    /// Tries once. Arguments passed by value are cloned for each try.
    fn attempt<'c>(&'c self, attempt: &'c Attempt<'_>) -> impl Future<Output = Result<Self::Output, StepError>> + Send + 'c;

    /// The same by what stands in for the step, if something does.
    fn faked(&self, _fakes: &Fakes) -> Option<Faking<Result<Self::Output, StepError>>> {
        None
    }
}

/// A call that has an equal: a step with a `cache`.
pub trait Keyed: Call {
    /// What its result is found by.
    ///
    /// # Errors
    /// When an argument cannot be encoded.
    fn key(&self) -> Result<CacheKey, StepError>;
}

/// The return type of a step: a `Result`, under any alias.
#[diagnostic::on_unimplemented(
    message = "a step returns a `Result`, this one returns `{Self}`",
    label = "not a `Result`",
    note = "write `-> Result<{Self}, E>`, where `E` is any error"
)]
pub trait StepResult {
    /// What `.await?` gives.
    type Ok;
    /// What the step fails with.
    type Error;

    /// Converts the error into data.
    fn into_step_result(self) -> Result<Self::Ok, StepError>;

    /// The same, where the step says which errors another attempt may overcome.
    fn into_retried(self, retry_if: fn(&Self::Error) -> bool) -> Result<Self::Ok, StepError>;
}

impl<T, E: StepFailure> StepResult for Result<T, E> {
    type Ok = T;
    type Error = E;

    fn into_step_result(self) -> Result<T, StepError> {
        self.map_err(StepError::retryable)
    }

    fn into_retried(self, retry_if: fn(&E) -> bool) -> Result<T, StepError> {
        self.map_err(|error| if retry_if(&error) { StepError::retryable(error) } else { StepError::terminal(error) })
    }
}

/// What a step may fail with: whatever converts into a boxed error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a step can fail with",
    label = "the error does not convert into a `Box<dyn std::error::Error + Send + Sync>`",
    note = "implement `std::error::Error` for it, as `#[derive(thiserror::Error)]` does; `String` and `anyhow::Error` are fine too"
)]
pub trait StepFailure: Into<BoxError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> StepFailure for E {}
