//! Draws a flow chart as an SVG, with nothing but `std`: a macro depends on it.
//!
//! The layout is that of layered drawings (Sugiyama, Tagawa and Toda, 1981): every node gets a rank below those that lead to
//! it, edges over several ranks get a point in each, the order within a rank is chosen to cross few edges, and then
//! everything moves towards what it is joined with. Edges that lead back run along the side. A frame is laid out for itself
//! and is then one box.
//!
//! ```
//! use flow_drawing::{Edge, Node, Picture, Shape, svg};
//!
//! let node = |label: &str, shape| Node { label: label.to_owned(), note: String::new(), shape, parent: None };
//! let picture = Picture {
//!     nodes: vec![node("start", Shape::Start), node("research", Shape::Step), node("done", Shape::Done)],
//!     edges: vec![
//!         Edge { from: 0, to: 1, label: String::new() },
//!         Edge { from: 1, to: 2, label: String::new() },
//!     ],
//! };
//! assert!(svg(&picture).starts_with("<svg"));
//! ```

mod group;
mod order;
mod place;
mod rank;
mod route;
mod svg;
mod text;

/// A flow chart.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// The nodes; the first is where it begins.
    pub nodes: Vec<Node>,
    /// The edges; they may lead back.
    pub edges: Vec<Edge>,
}

/// A box.
#[derive(Clone, Debug)]
pub struct Node {
    /// What stands in it. A long one is cut, and shown whole as its title.
    pub label: String,
    /// A smaller second line; may be empty.
    pub note: String,
    /// How it looks.
    pub shape: Shape,
    /// The frame it stands in, as an index into the nodes.
    pub parent: Option<usize>,
}

/// How a node looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Where it begins.
    Start,
    /// Where it ends.
    Done,
    /// Something runs.
    Step,
    /// Somebody is asked.
    Suspend,
    /// A time or a signal is waited for.
    Wait,
    /// Another chart.
    Workflow,
    /// A decision.
    Branch,
    /// A region around other nodes: its children stand side by side.
    Frame,
}

/// An arrow.
#[derive(Clone, Debug)]
pub struct Edge {
    /// From which node, as an index.
    pub from: usize,
    /// To which.
    pub to: usize,
    /// What stands beside it; may be empty.
    pub label: String,
}

/// Where everything stands, in pixels from the upper left.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// How wide all of it is.
    pub width: f64,
    /// How high.
    pub height: f64,
    /// The boxes of the nodes.
    pub boxes: Vec<Rect>,
    /// The ways of the edges.
    pub ways: Vec<Way>,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Its left.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

/// The way of an edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    /// The points it goes through.
    pub points: Vec<(f64, f64)>,
    /// Where its label stands.
    pub label: Option<Rect>,
    /// Whether it leads back: then its parts are level or upright.
    pub back: bool,
}

/// Lays a picture out. An edge whose node does not exist has no points.
pub fn layout(picture: &Picture) -> Layout {
    group::whole(picture)
}

/// A picture as an SVG of one line, readable on light and on dark pages.
pub fn svg(picture: &Picture) -> String {
    svg::draw(picture, &layout(picture))
}
