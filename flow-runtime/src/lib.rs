//! Workflows for Rust that are checked by the compiler.
extern crate self as flow_runtime;

#[doc(hidden)]
#[allow(missing_docs, reason = "for generated code only")]
pub mod __private;
mod clock;
pub mod context;
pub mod encoded;
pub mod error;
pub mod event;
pub mod graph;
pub mod handle;
mod live;
pub mod local;
pub mod machine;
pub mod node;
pub mod policy;
pub mod run;
pub mod runtime;
pub mod snapshot;
pub mod step;
pub mod store;
pub mod workflow;

pub use flow_macros::{Provide, step, suspend, workflow};

pub use context::StepContext;
pub use error::{BoxError, Error, StepError};
pub use handle::{Outcome, Pending, Run, Suspension};
pub use live::Delta;
pub use machine::START;
pub use node::{Data, Node, Provide, Step, StepResult, Suspends};
pub use run::{RunId, RunStatus};
pub use runtime::{Builder, Runtime, Start};
pub use workflow::{Definition, Workflow};
