//! `#[step]`, `#[suspend]` and `#[derive(Provide)]`: a function, and beside it the empty enum that is the node.

mod attempt;
mod blocking;
pub(crate) mod names;
pub(crate) mod options;
mod policy;
pub(crate) mod provide;
mod refused;
pub(crate) mod signature;
pub(crate) mod step;
pub(crate) mod suspend;
mod times;
