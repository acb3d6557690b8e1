//! What `workflow!` implements, and how a machine is driven to its end.

use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::Cx;
use crate::error::{Error, StepError};
use crate::graph::Graph;
use crate::machine::{At, Flow, Machine, Slots};
use crate::migrate::Migrate;
use crate::node::{Data, Node};
use crate::snapshot::Frame;

/// A workflow, whatever app it runs on. Implemented by `workflow!`.
pub trait Definition: Node {
    /// What a run starts with.
    type Input: Data;
    /// The generated enum: one variant a place, with the variables alive there.
    type State: State;
    /// The machine's variables between two places.
    type Vars: Slots + 'static;
    /// Places and the ways between them.
    const GRAPH: Graph;
    /// What makes states of an older shape fit.
    const MIGRATE: Option<Migrate> = None;

    /// The machine at its start.
    fn start(input: Self::Input) -> Machine<Self::Vars>;
}

/// A workflow that runs on the app `A`: everything its steps need, nested ones included, `A` provides.
pub trait Workflow<A>: Definition {
    /// Goes from the place the machine is at to the next. The driver alone calls it.
    fn advance<'m>(
        machine: &'m mut Machine<Self::Vars>,
        cx: &'m Cx<'_, A>,
    ) -> impl Future<Output = Result<Flow<Self::Output>, Error>> + Send + 'm;
}

/// The generated enum of a workflow's places. Externally tagged by the place's name when serialised.
pub trait State: Serialize + DeserializeOwned + Send + 'static {
    /// The state a frame holds.
    ///
    /// # Errors
    /// `Incompatible`, when the frame's place or one of its variables does not fit.
    fn from_frame(frame: &Frame) -> Result<Self, Error>;

    /// The frame that holds this state; every place counts as visited once.
    ///
    /// # Errors
    /// When a variable cannot be encoded.
    fn to_frame(&self) -> Result<Frame, Error>;
}

/// Drives a machine from where it is to its output, writing each transition down on the way.
///
/// # Errors
/// What the workflow fails with, or the store.
pub async fn drive<A, W>(cx: &Cx<'_, A>, machine: &mut Machine<W::Vars>) -> Result<W::Output, Error>
where
    A: Sync,
    W: Workflow<A>,
{
    loop {
        cx.ready(machine).await?;
        let flow = W::advance(machine, cx).await?;
        if let Some(output) = cx.turn(machine, flow).await? {
            return Ok(output);
        }
    }
}

/// A loop of ready steps would starve its siblings and never see a cancellation.
pub(crate) async fn yield_now_and_then<A>(cx: &Cx<'_, A>) {
    let _busy = cx.scope.busy();
    tokio::task::consume_budget().await;
}

/// Drives the workflow that is awaited at a place. Boxed, so that workflows may nest without an infinite type.
///
/// # Errors
/// What the nested workflow fails with.
pub fn nested<'c, A, W>(
    cx: &'c Cx<'_, A>,
    at: &'c At,
    input: W::Input,
) -> impl Future<Output = Result<W::Output, StepError>> + Send + 'c
where
    A: Sync,
    W: Workflow<A>,
{
    Box::pin(async move {
        let cx = cx.nested::<W>(at);
        let mut machine = match cx.scope.host.as_ref().and_then(|host| host.frame(&cx.scope.path)) {
            Some(frame) => cx.scope.load(&frame)?,
            None => W::start(input),
        };
        Ok(drive::<A, W>(&cx, &mut machine).await?)
    })
}
