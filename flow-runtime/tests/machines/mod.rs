//! Workflows as `workflow!` would generate them, written by hand: what the driver is tested with.
#![allow(dead_code, unused_imports, reason = "each test file uses some of it")]
#![allow(unreachable_pub, reason = "a test file is the root of its own crate")]
#![allow(non_camel_case_types, reason = "a node is named as the function it stands for")]

mod fan;
mod linear;
mod looping;
mod pair;
mod store;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use flow_runtime::context::{Attempt, Cx};
use flow_runtime::machine::At;
use flow_runtime::node::{Call, NodeInfo, NodeKind};
use flow_runtime::policy::{Backoff, Policy};
use flow_runtime::snapshot::Frame;
use flow_runtime::step::attempts;
use flow_runtime::workflow::State;
use flow_runtime::{Data, Error, Node, StepError, Suspends};
use tokio::sync::Semaphore;

pub use self::fan::Fan;
pub use self::linear::Linear;
pub use self::looping::Looping;
pub use self::pair::Pair;
pub use self::store::store;

/// What the steps of the tests do, and what they are told to do.
#[derive(Clone, Debug, Default)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
pub struct Inner {
    /// How often each place was executed, by its path.
    pub calls: Mutex<BTreeMap<String, usize>>,
    /// Steps fail for good.
    pub fails: AtomicBool,
    /// Steps fail, and may be tried again.
    pub stumbles: AtomicUsize,
    /// Plain code panics.
    pub panics: AtomicBool,
    /// Steps wait for a permit, unless there are none to wait for.
    pub gate: Option<Semaphore>,
    /// Steps that were dropped before their end.
    pub dropped: AtomicUsize,
}

impl Default for Inner {
    fn default() -> Self {
        let (calls, fails, stumbles, panics) = Default::default();
        Self { calls, fails, stumbles, panics, gate: None, dropped: AtomicUsize::new(0) }
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Steps wait until they are let through.
    pub fn gated() -> Self {
        Self(Arc::new(Inner { gate: Some(Semaphore::new(0)), ..Inner::default() }))
    }

    /// Lets steps through.
    pub fn open(&self, steps: usize) {
        self.gate.as_ref().expect("a gate").add_permits(steps);
    }

    pub fn calls_of(&self, path: &str) -> usize {
        self.calls.lock().unwrap().get(path).copied().unwrap_or(0)
    }

    pub async fn until_called(&self, path: &str) {
        while self.calls_of(path) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }

    async fn work(&self, path: &str) -> Result<(), StepError> {
        *self.calls.lock().unwrap().entry(path.to_owned()).or_default() += 1;
        let unfinished = Unfinished(self);
        if let Some(gate) = &self.gate {
            gate.acquire().await.map_err(StepError::terminal)?.forget();
        }
        std::mem::forget(unfinished);
        if self.fails.load(Ordering::SeqCst) {
            return Err(StepError::terminal("the server is down"));
        }
        let stumbles = self.stumbles.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        stumbles.map_or(Ok(()), |_| Err(StepError::retryable("busy")))
    }
}

struct Unfinished<'a>(&'a App);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

struct Work<'a>(&'a App);

impl Call for Work<'_> {
    type Output = ();

    async fn attempt<'c>(&'c self, attempt: &'c Attempt<'_>) -> Result<(), StepError> {
        let step = attempt.context();
        step.emit("working");
        self.0.work(step.path()).await
    }
}

const POLICY: Policy = Policy {
    retries: 3,
    backoff: Backoff { first: std::time::Duration::from_millis(1), max: std::time::Duration::from_millis(2) },
    ..Policy::ONCE
};

/// Executes the step at a place.
pub async fn work(cx: &Cx<'_, App>, at: &At) -> Result<(), StepError> {
    attempts(cx.scope(), at, &POLICY, Work(cx.app())).await
}

/// A question whose answer is a number.
pub enum ask {}

impl Node for ask {
    type Output = u32;
    type Waits = String;
    type Kept<T> = ();
    type Bound<'c> = ();
    type Call<'c> = String;
    const INFO: NodeInfo = NodeInfo { name: "ask", kind: NodeKind::Suspend, doc: "", suspends: true };
    const WAITS: bool = true;
    fn waits(call: String) -> String {
        call
    }
}

impl Suspends for ask {
    type Shown = <Self as Node>::Waits;
}

/// A review: whether it is good.
pub enum review {}

impl Node for review {
    type Output = bool;
    type Waits = u32;
    type Kept<T> = ();
    type Bound<'c> = ();
    type Call<'c> = u32;
    const INFO: NodeInfo = NodeInfo { name: "review", kind: NodeKind::Suspend, doc: "", suspends: true };
    const WAITS: bool = true;
    fn waits(call: u32) -> u32 {
        call
    }
}

impl Suspends for review {
    type Shown = <Self as Node>::Waits;
}

/// The enum of places, which these tests do not look at.
#[derive(serde::Serialize, serde::Deserialize)]
pub struct Places;

impl State for Places {
    fn from_frame(_: &Frame) -> Result<Self, Error> {
        Ok(Self)
    }
    fn to_frame(&self) -> Result<Frame, Error> {
        Err(Error::new("not used"))
    }
}

/// The variables and places of a machine.
macro_rules! machine {
    ($vars:ident { $($var:ident: $ty:ty),* } single $single:literal [$($place:literal $kind:tt $live:expr),*]) => {
        #[derive(Debug, Default)]
        pub struct $vars { $(pub $var: flow_runtime::machine::Slot<$ty>),* }

        impl flow_runtime::machine::Slots for $vars {
            const LAYOUT: &'static flow_runtime::machine::Layout = &flow_runtime::machine::Layout {
                vars: &[$(stringify!($var)),*],
                places: &[$(super::place!($kind).at($place, &$live, &[])),*],
                single: $single,
            };
            fn slot(&mut self, index: u16) -> &mut dyn flow_runtime::machine::AnySlot {
                let slots: [&mut dyn flow_runtime::machine::AnySlot; Self::LAYOUT.vars.len()] = [$(&mut self.$var),*];
                slots.into_iter().nth(usize::from(index)).expect("a variable")
            }
        }
    };
}

/// A place of a kind, or one that awaits a node.
macro_rules! place {
    ((awaits $node:ident)) => {
        flow_runtime::machine::PlaceLayout::of::<$node>()
    };
    ($kind:ident) => {
        flow_runtime::machine::PlaceLayout::new(flow_runtime::node::NodeKind::$kind)
    };
}

/// What is the same for every workflow.
macro_rules! workflow {
    ($workflow:ident $name:literal $vars:ident.$var:ident: $input:ty => $output:ty, suspends $suspends:literal) => {
        #[derive(Debug)]
        pub enum $workflow {}

        impl flow_runtime::Node for $workflow {
            type Output = $output;
            type Waits = ();
            type Kept<T> = T;
            type Bound<'c> = ();
            type Call<'c> = $input;
            const INFO: flow_runtime::node::NodeInfo = flow_runtime::node::NodeInfo {
                name: $name,
                kind: flow_runtime::node::NodeKind::Workflow,
                doc: "",
                suspends: $suspends,
            };
            const WAITS: bool = false;
            fn waits(_: $input) {}
            fn accepts(node: &str, payload: &serde_json::Value) -> Option<Result<(), String>> {
                let check = match node {
                    "ask" => u32::deserialize(payload).map(drop),
                    "review" => bool::deserialize(payload).map(drop),
                    _ => return None,
                };
                Some(check.map_err(|error| error.to_string()))
            }
        }

        impl flow_runtime::Step<App> for $workflow {
            fn bind(_: &App) {}
            fn perform<'c>(
                cx: &'c Cx<'_, App>,
                at: &'c flow_runtime::machine::At,
                call: $input,
            ) -> impl Future<Output = Result<$output, flow_runtime::StepError>> + Send + 'c {
                flow_runtime::workflow::nested::<App, Self>(cx, at, call)
            }
        }

        impl flow_runtime::Definition for $workflow {
            type Input = $input;
            type State = super::Places;
            type Vars = $vars;
            const GRAPH: flow_runtime::graph::Graph =
                flow_runtime::graph::Graph { workflow: $name, doc: "", fingerprint: 1, nodes: &[], edges: &[] };
            fn start(input: $input) -> Machine<$vars> {
                let mut machine = Machine::<$vars>::default();
                machine.vars.$var.set(input);
                machine
            }
        }

        impl flow_runtime::Workflow<App> for $workflow {
            fn advance<'m>(
                machine: &'m mut Machine<$vars>,
                cx: &'m Cx<'_, App>,
            ) -> impl Future<Output = Result<Flow<$output>, flow_runtime::Error>> + Send + 'm {
                advance(machine, cx)
            }
        }
    };
}

pub(crate) use {machine, place, workflow};
