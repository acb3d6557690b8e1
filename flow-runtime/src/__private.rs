//! What generated code names. Not part of the public interface: it changes without notice.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use flow_macros::drawn;
pub use futures;
pub use serde;
pub use serde_json::{Error as JsonError, Value as Json};

pub use crate::context::{Attempt, Cx};
pub use crate::deadline::Until;
pub use crate::editor;
pub use crate::error::{Error, StepError};
pub use crate::graph::{Graph, GraphEdge, GraphNode};
pub use crate::handle::Outcome;
pub use crate::local::{Parked, go_on, run};
pub use crate::machine::{AnySlot, Arm, At, Flow, Layout, Machine, PlaceLayout, Slot, Slots};
pub use crate::migrate::Migrate;
pub use crate::node::{Call, Data, Keyed, Node, NodeInfo, NodeKind, Provide, Step, StepResult, Suspends};
pub use crate::policy::{Backoff, Limit, Policy};
pub use crate::rules;
pub use crate::rules::{Gate, Judged, Pass, not_built};
pub use crate::shape::{arm as arm_shape, machine as shape};
pub use crate::snapshot::Frame;
pub use crate::step::{CacheKey, blocking};
pub use crate::store::WaitsFor;
pub use crate::testing::fake::{Argument, Fakeable, Fakes, Faking};
pub use crate::turns;
pub use crate::workflow::{Definition, State, Workflow, nested};

/// A run without a runtime.
pub type Running<'a, T> = futures::future::BoxFuture<'a, Outcome<T, Parked>>;

pub fn running<'a, T>(run: impl Future<Output = Outcome<T, Parked>> + Send + 'a) -> Running<'a, T> {
    Box::pin(run)
}

/// Executes a step at a place.
pub async fn perform<A, C: Call>(cx: &Cx<'_, A>, at: &At, policy: &'static Policy, call: C) -> Result<C::Output, StepError> {
    crate::step::attempts(&cx.scope, at, policy, call).await
}

/// Executes a step that has a cache.
pub async fn perform_cached<A, C: Keyed>(
    cx: &Cx<'_, A>,
    at: &At,
    policy: &'static Policy,
    call: C,
) -> Result<C::Output, StepError>
where
    C::Output: Data,
{
    crate::step::cached(&cx.scope, at, policy, call).await
}

/// Where a node that only waits would have to run. The driver never asks for it.
pub async fn only_waits<N: Node>() -> Result<N::Output, StepError> {
    Err(StepError::terminal(format!("`{}` waits for an answer, it does not run", N::INFO.name)))
}

/// Whether an answer is of the type that this node takes.
pub fn accepts<N: Node>(node: &str, payload: &Json) -> Option<Result<(), String>> {
    let read = || serde_path_to_error::deserialize::<_, N::Output>(payload).map(drop).map_err(|error| error.to_string());
    (node == N::INFO.name).then(read)
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
