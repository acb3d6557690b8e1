//! What generated code names. Not part of the public interface: it changes without notice.

use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use futures;
pub use serde;
pub use serde_json::Value as Json;

pub use crate::context::{Attempt, Cx};
pub use crate::error::{Error, StepError};
pub use crate::graph::{Graph, GraphEdge, GraphNode};
pub use crate::handle::Outcome;
pub use crate::local::{Parked, go_on, run};
pub use crate::machine::{AnySlot, At, Flow, Layout, Machine, PlaceLayout, Slot, Slots, Waiting, node_slot, slot};
pub use crate::node::{Call, Data, Node, NodeInfo, NodeKind, Provide, Step, StepResult, Suspends};
pub use crate::policy::{Backoff, Policy};
pub use crate::snapshot::Frame;
pub use crate::workflow::{Definition, State, Workflow, nested, yield_now_and_then};

/// The resources of a workflow as a node: none of its own. Its `call` takes the input.
#[derive(Debug)]
pub struct Bound<T>(PhantomData<fn(T)>);

impl<T> Bound<T> {
    #[expect(clippy::new_without_default, reason = "generated code alone makes one")]
    pub fn new() -> Self {
        Self(PhantomData)
    }

    pub fn call(self, input: T) -> T {
        input
    }
}

/// An argument that is passed by value is cloned for each try.
#[diagnostic::on_unimplemented(
    message = "an argument passed by value is cloned for each try, and `{Self}` is not `Clone`",
    label = "not `Clone`",
    note = "take a reference, or `#[derive(Clone)]` for the type"
)]
pub trait Again {
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Again for T {
    fn again(&self) -> T {
        self.clone()
    }
}

pub fn again<T: Again>(value: &T) -> T {
    value.again()
}

/// Executes a step at a place.
pub async fn perform<A, C: Call>(cx: &Cx<'_, A>, at: &At, policy: &'static Policy, call: C) -> Result<C::Output, StepError> {
    crate::step::attempts(&cx.scope, at, policy, call).await
}

/// Where a node that only waits would have to run. The driver never asks for it.
pub async fn only_waits<N: Node>() -> Result<N::Output, StepError> {
    Err(StepError::terminal(format!("`{}` waits for an answer, it does not run", N::INFO.name)))
}

/// Whether an answer is of the type that this node takes.
pub fn accepts<N: Node>(node: &str, payload: &Json) -> Option<Result<(), String>> {
    (node == N::INFO.name).then(|| N::Output::deserialize(payload).map(drop).map_err(|error| error.to_string()))
}

/// The end of a machine.
pub fn done<T>(result: Result<T, Error>) -> Result<Flow<T>, Error> {
    result.map(Flow::Done)
}

/// Takes a value that crossed a merge.
pub fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("a variable is taken where it is alive")
}

pub fn no_such_place<T>(place: &str, places: &[&'static str]) -> Result<T, Error> {
    Err(crate::machine::place_gone(place, places.iter().copied()))
}

/// A state as a map from its place to its variables.
pub fn serialize_state<T: State, S: Serializer>(state: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let frame = state.to_frame().map_err(serde::ser::Error::custom)?;
    serializer.collect_map([(frame.place.clone(), StateBody { waits: frame.waits, vars: frame.vars })])
}

pub fn debug_state<T: State>(state: &T, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    match state.to_frame() {
        Ok(frame) => write!(f, "{} {:?}", frame.place, frame.vars),
        Err(error) => write!(f, "<{error}>"),
    }
}

pub fn deserialize_state<'de, T: State, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let map = std::collections::BTreeMap::<String, StateBody>::deserialize(deserializer)?;
    let mut places = map.into_iter();
    let (Some((place, body)), None) = (places.next(), places.next()) else {
        return Err(serde::de::Error::custom("a state is a map with one place"));
    };
    let frame = Frame { waits: body.waits, vars: body.vars, ..Frame::at(&place) };
    T::from_frame(&frame).map_err(serde::de::Error::custom)
}

#[derive(Serialize, Deserialize)]
struct StateBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waits: Option<crate::encoded::Encoded>,
    #[serde(flatten)]
    vars: std::collections::BTreeMap<String, crate::snapshot::FrameVar>,
}

// What follows is named by the body that rustc checks. It is never run: a workflow runs by its machine.

pub fn unbound<N: Node>() -> N::Bound<'static> {
    not_built()
}

/// Stands for the run of a node.
///
/// # Errors
/// Never, it does not return.
pub async fn check_node<N: Node>(_call: N::Call<'_>) -> Result<N::Output, StepError> {
    not_built()
}

pub fn converted<T>(result: Result<T, StepError>) -> Result<T, Error> {
    Ok(result?)
}

/// Stands for the run of an arm.
///
/// # Errors
/// What the arm fails with.
pub async fn check_arm<T, F: AsyncFn() -> Result<T, Error>>(arm: F) -> Result<T, Error> {
    arm().await
}

/// Lets the machine see its variables only where rustc accepts the body as it was written.
///
/// The machine is the user's code a second time. Where the body is refused, the constant that [`accepted`] gives has no
/// value, so what passes here has no type, and rustc says nothing about the machine: one mistake stays one error.
#[derive(Debug)]
pub struct Gate<const ACCEPTED: bool>;

pub trait Pass<T> {
    type Through;
    fn pass(value: T) -> Self::Through;
}

impl<const ACCEPTED: bool, T> Pass<T> for Gate<ACCEPTED> {
    type Through = T;

    fn pass(value: T) -> T {
        value
    }
}

/// Its value hangs on the type of the body's future, and that on the body's being accepted.
pub const fn accepted<I, B: Fn(I) -> F, F>(_body: &B) -> bool {
    true
}

/// # Panics
/// Always.
pub fn not_built() -> ! {
    panic!(
        "a workflow is not called: await it in another workflow, or run it with `Name::run(&app, input)` or `runtime.start::<Name>(input)`"
    )
}
