//! What the user wrote: the header, the body, and the expressions that are places.

mod header;
mod place;

pub(crate) use header::{Body, Workflow};
pub(crate) use place::{AwaitError, Awaited, JoinArm, PlaceExpr, has_place, macro_exprs, place_of};
