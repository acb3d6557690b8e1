//! The ways to run a body, with its types forgotten: what follows is then compiled once.

use flow_runtime::local::{self, Parked};
use flow_runtime::run::RunId;
use flow_runtime::runtime::Builder;
use flow_runtime::snapshot::Snapshot;
use flow_runtime::store::SuspensionRow;
use flow_runtime::{Error, Outcome, Runtime, Workflow};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;

/// How a run ended: its output as JSON, or the words of its error.
pub type End = Result<Value, String>;

/// Where a run stopped.
#[derive(Debug)]
pub enum Stop<S> {
    Ended(End),
    Waits(S),
}

/// What a run on a store waits for, if it has not ended.
pub type Watched = BoxFuture<'static, Stop<Vec<SuspensionRow>>>;

/// A body in both forms.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    pub plain: fn(u32) -> BoxFuture<'static, End>,
    pub run: fn(u32) -> BoxFuture<'static, Stop<Parked>>,
    pub go_on: fn(Parked) -> BoxFuture<'static, Stop<Parked>>,
    pub from_snapshot: fn(Snapshot) -> BoxFuture<'static, Stop<Parked>>,
    pub register: fn(Builder<()>) -> Builder<()>,
    pub start: fn(Runtime<()>, u32) -> BoxFuture<'static, RunId>,
    pub outcome: fn(Runtime<()>, RunId) -> Watched,
}

impl Ways {
    /// The ways of a workflow.
    pub fn of<W>(plain: fn(u32) -> BoxFuture<'static, End>) -> Self
    where
        W: Workflow<(), Input = u32>,
    {
        Self {
            plain,
            run: |input| async move { stop(local::run::<W, ()>(&(), input).await) }.boxed(),
            go_on: |parked| async move { stop(local::go_on::<W, ()>(&(), parked).await) }.boxed(),
            from_snapshot: |snapshot| async move { stop(local::from_snapshot::<W, ()>(&(), snapshot).await) }.boxed(),
            register: |builder| builder.register::<W>(),
            start: |runtime, input| async move { runtime.start::<W>(input).await.expect("it starts").id() }.boxed(),
            outcome: |runtime, id| {
                async move {
                    match runtime.run::<W>(id).await.expect("it is known").outcome().await.expect("it can be watched") {
                        Outcome::Suspended(pending) => Stop::Waits(pending.iter().cloned().collect()),
                        other => Stop::Ended(end(other.completed())),
                    }
                }
                .boxed()
            },
        }
    }
}

fn stop<T: Serialize>(outcome: Outcome<T, Parked>) -> Stop<Parked> {
    match outcome {
        Outcome::Suspended(parked) => Stop::Waits(parked),
        other => Stop::Ended(end(other.completed())),
    }
}

/// An end with its types forgotten.
pub fn end<T: Serialize>(result: Result<T, Error>) -> End {
    result.map(|output| serde_json::to_value(output).expect("an output is data")).map_err(|error| error.to_string())
}
