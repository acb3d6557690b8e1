//! Workflows checked by the compiler.
//!
//! A workflow is written as an async function. [`workflow!`](macro@workflow) turns it into a state machine whose places
//! have names, so a run can be stored at each of them, drawn, and resumed in another process.
//!
//! ```
//! use flow_runtime::{Runtime, step, suspend, workflow};
//!
//! #[step(retries = 3)]
//! async fn price(order: &str) -> Result<u32, std::io::Error> {
//!     Ok(order.len() as u32 * 100)
//! }
//!
//! /// Somebody says whether that is worth it.
//! #[suspend(resume = bool)]
//! fn approval(cents: u32) -> String {
//!     format!("Shall we pay {cents}?")
//! }
//!
//! workflow! {
//!     /// Finds the price of an order and has it approved.
//!     Purchase<String -> String>(order) {
//!         let cents = price(&order).await?;
//!         let approved = approval(cents).await?;
//!         Ok(if approved { format!("{order} for {cents}") } else { "nothing".to_owned() })
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), flow_runtime::Error> {
//!     let runtime = Runtime::builder(()).register::<Purchase>().build().await?;
//!     let run = runtime.start::<Purchase>("tea".to_owned()).await?;
//!
//!     let pending = run.outcome().await?.suspended()?;
//!     pending.one::<approval>()?.resume(true).await?;
//!
//!     assert_eq!(run.outcome().await?.completed()?, "tea for 300");
//!     Ok(())
//! }
//! ```
//!
//! # Where to look
//!
//! | you want to | look at |
//! |---|---|
//! | write a workflow | [`workflow!`](macro@workflow), [`#[step]`](macro@step), [`#[suspend]`](macro@suspend), [`Provide`](derive@Provide) |
//! | start, watch, answer, cancel and retry runs | [`Runtime`], [`Run`], [`Outcome`], [`Pending`] |
//! | run a workflow without a runtime | [`local`] |
//! | keep runs in memory, in a file or in a database, sealed or not | [`store`] |
//! | know what a step may ask of its run | [`StepContext`] |
//! | carry a value that nobody is to see | [`Secret`] |
//! | tell errors apart | [`Error`], [`StepError`] |
//! | follow what happens in a run | [`event`], [`Runtime::events`] |
//! | read a stored run | [`snapshot`], [`Runtime::snapshot`] |
//! | draw a workflow | [`graph`] |
//! | know before a deploy that stored runs can go on | [`testing`], [`Runtime::check`] |
//! | take up runs of an older shape | [`migrate`] |
//! | try from the middle of a run what else could have come of it | [`Runtime::fork`] |
//! | write a store | [`store::Store`], [`store::History`], and `store::conformance` to hold it against |
//!
//! The other modules hold what generated code is made of: [`node`], [`mod@workflow`], [`machine`], [`context`], [`policy`],
//! [`encoded`].
//!
//! # Features
//!
//! | | |
//! |---|---|
//! | `sqlite`, on by default | runs in a SQLite file |
//! | `postgres` | runs in a PostgreSQL database |
//! | `seal` | runs whose values are sealed before they are stored |
//! | `conformance` | what every store must do, as tests, for whoever writes a store |

extern crate self as flow_runtime;

#[doc(hidden)]
#[allow(missing_docs, reason = "for generated code only")]
pub mod __private;
mod arms;
mod clock;
pub mod context;
mod deadline;
#[doc(hidden)]
#[allow(missing_docs, missing_debug_implementations, reason = "for generated code only")]
pub mod editor;
pub mod encoded;
pub mod error;
pub mod event;
pub mod graph;
pub mod handle;
pub mod layout;
mod live;
pub mod local;
mod log;
pub mod machine;
pub mod migrate;
pub mod node;
pub mod policy;
#[doc(hidden)]
#[allow(missing_docs, reason = "for generated code only")]
pub mod rules;
pub mod run;
pub mod runtime;
mod scope;
mod secret;
#[doc(hidden)]
#[allow(missing_docs, reason = "for generated code only")]
pub mod shape;
pub mod snapshot;
pub mod step;
pub mod store;
pub mod testing;
#[doc(hidden)]
#[allow(missing_docs, reason = "for generated code only")]
pub mod turns;
pub mod wait;
mod waiting;
pub mod workflow;

#[doc(inline)]
#[doc = include_str!("docs/provide.md")]
pub use flow_macros::Provide;
#[doc(inline)]
#[doc = include_str!("docs/step.md")]
#[cfg(not(rust_analyzer))]
pub use flow_macros::step;
#[doc(inline)]
#[doc = include_str!("docs/suspend.md")]
#[cfg(not(rust_analyzer))]
pub use flow_macros::suspend;
#[doc(inline)]
#[doc = include_str!("docs/workflow.md")]
#[cfg(not(rust_analyzer))]
pub use flow_macros::workflow;
#[cfg(rust_analyzer)]
pub use flow_macros::{step_in_editor as step, suspend_in_editor as suspend, workflow_in_editor as workflow};

pub use context::StepContext;
pub use error::{BoxError, Error, StepError};
pub use handle::{Outcome, Pending, Run, Suspension};
pub use live::Delta;
pub use log::Log;
pub use machine::START;
pub use node::{Data, Node, Provide, Step, StepResult, Suspends};
pub use run::{Durability, RunId, RunStatus};
pub use runtime::{Builder, Fork, Runtime, Start, Unresumable};
pub use secret::Secret;
pub use wait::{signal, sleep, sleep_until};
pub use workflow::{Definition, Workflow};
