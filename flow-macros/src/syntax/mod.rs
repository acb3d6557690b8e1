//! What the user wrote: the header, the body, and the expressions that are places.

mod borrow;
mod header;
mod items;
pub(crate) mod label;
mod many;
mod no_node;
mod place;
mod select;
mod size;

pub(crate) use borrow::borrow;
pub(crate) use header::{Body, Name, Workflow};
pub(crate) use items::{Items, items};
pub(crate) use label::Label;
pub(crate) use many::Many;
pub(crate) use place::{AwaitError, Awaited, JoinArm, Mode, PlaceExpr, has_place, macro_exprs, place_of};
pub(crate) use size::too_many;
