//! What the user wrote: the header, the body, and the expressions that are places.

mod borrow;
mod header;
pub(crate) mod label;
mod place;

pub(crate) use borrow::borrow;
pub(crate) use header::{Body, Name, Workflow};
pub(crate) use place::{AwaitError, Awaited, JoinArm, PlaceExpr, has_place, macro_exprs, place_of};
