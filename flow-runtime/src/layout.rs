//! The tables of a generated machine: its variables, its places and its arms, by name.

use crate::encoded::Encoded;
use crate::node::{Node, NodeKind};
use crate::shape::{Shape, StoredType};
use crate::snapshot::{Frame, FrameVar};
use crate::store::Opening;
use crate::waiting::opening;

/// The tables of a machine: what stands where, by name.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The names of the variables, in slot order.
    pub vars: &'static [&'static str],
    /// The places; the first is `start`.
    pub places: &'static [PlaceLayout],
    /// The machine is the arm of a join that awaits one node: its place has the machine's path.
    pub single: bool,
}

/// What a waiting place shows, from its path and what it keeps.
type Opens = fn(&str, Option<&Encoded>) -> Opening;

/// One place.
#[derive(Clone, Copy, Debug)]
pub struct PlaceLayout {
    /// Its stored name.
    pub name: &'static str,
    /// What is awaited there.
    pub kind: NodeKind,
    /// Whether the node there waits instead of running.
    pub waits: bool,
    /// The variables alive after the node.
    pub live: &'static [u16],
    /// The variables that only the node's arguments read: kept where the arguments are evaluated late.
    pub args: &'static [u16],
    /// The names it had before.
    pub was: &'static [&'static str],
    /// What it shows while it waits.
    pub(crate) opens: Option<Opens>,
    /// What an answer or a signal is read as.
    pub(crate) takes: Option<fn() -> StoredType>,
}

impl Layout {
    /// A variable of a frame. One that is named after its place is found by the names that the place had.
    pub(crate) fn stored<'f>(&self, frame: &'f Frame, name: &str) -> Option<&'f FrameVar> {
        let place = || self.places.iter().find(|place| place.name == name);
        frame.var(name).or_else(|| place()?.was.iter().find_map(|was| frame.var(was)))
    }
}

impl PlaceLayout {
    /// A place of this kind where nothing waits, without a name.
    pub const fn new(kind: NodeKind) -> Self {
        Self { name: "", kind, waits: false, live: &[], args: &[], was: &[], opens: None, takes: None }
    }

    /// A place where this node is awaited, without a name.
    pub const fn of<N: Node>() -> Self {
        let opens: Option<Opens> = if N::WAITS { Some(opening::<N>) } else { None };
        let takes: Option<fn() -> StoredType> = match N::INFO.kind {
            NodeKind::Suspend | NodeKind::Signal => Some(StoredType::of::<N::Output>),
            _ => None,
        };
        Self { waits: N::WAITS, opens, takes, ..Self::new(N::INFO.kind) }
    }

    /// The same place, by this name, and the variables it keeps.
    pub const fn at(self, name: &'static str, live: &'static [u16], args: &'static [u16]) -> Self {
        Self { name, live, args, ..self }
    }

    /// The same place, which had these names before.
    pub const fn was(self, was: &'static [&'static str]) -> Self {
        Self { was, ..self }
    }

    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.was.contains(&name)
    }

    /// How often a run was here, by whatever name.
    pub(crate) fn visits(&self, frame: &Frame) -> u32 {
        let names = std::iter::once(&self.name).chain(self.was);
        names.filter_map(|name| frame.visits.get(*name)).sum()
    }

    pub(crate) fn kept(&self) -> impl Iterator<Item = u16> + '_ {
        let args: &[u16] = if self.waits { &[] } else { self.args };
        self.live.iter().chain(args).copied()
    }
}

/// The machine of an arm, for whoever wants to know what all machines of a workflow keep.
#[derive(Clone, Copy, Debug)]
pub struct Arm {
    /// The place it is an arm of.
    pub place: u16,
    /// Its name; empty where there is one arm for each item.
    pub name: &'static str,
    /// What it keeps, for the path of the machine.
    pub shape: fn(&str, &mut Shape),
}
