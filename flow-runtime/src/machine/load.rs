//! How a machine takes up a stored frame, and what it says where it cannot.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{At, Machine, START, Slots};
use crate::encoded::EncodeError;
use crate::error::{Error, ErrorKind};
use crate::node::NodeKind;
use crate::snapshot::{Frame, FrameVar};
use crate::store::ValueId;

const START_NAME: &str = "start";

/// Where a machine stands by what is stored.
#[derive(Debug)]
pub(crate) struct Standing {
    at: At,
    /// The rows its frame refers to.
    rows: Vec<ValueId>,
    /// It was put at another place since.
    pub(crate) moved: bool,
}

impl Standing {
    pub(crate) fn of(frame: &Frame) -> Self {
        let at = match frame.visits.get(&frame.place) {
            Some(visits) => At { name: Cow::Owned(frame.place.clone()), visit: visits.saturating_sub(1) },
            None if frame.place == START_NAME => At { name: Cow::Borrowed(START_NAME), visit: 0 },
            // It was an arm that is one node.
            None => At { name: Cow::Borrowed(""), visit: 0 },
        };
        Self { at, rows: frame.vars.values().flat_map(FrameVar::rows).copied().collect(), moved: false }
    }
}

impl<V: Slots> Machine<V> {
    /// Goes on from a stored frame.
    ///
    /// # Errors
    /// `Incompatible`, when the frame does not fit this machine; the error says which place or variable.
    pub(crate) fn load(frame: &Frame, standing: &Standing) -> Result<Self, Error> {
        let layout = V::LAYOUT;
        let place = layout.places.iter().position(|place| place.is_called(&frame.place));
        let place = place.ok_or_else(|| place_gone(&frame.place, layout.places.iter().map(|place| place.name)))?;
        let waits = layout.places[place].waits;
        // Put at a place that runs, it waits no longer.
        let withdrawn = standing.moved && !waits;
        if frame.waits.is_some() != waits && !withdrawn {
            return Err(waits_changed(&frame.place, frame.waits.is_some()));
        }
        let again = standing.moved && place == usize::from(START) && standing.at.name.is_empty() && layout.single;
        if again && layout.places.iter().any(|place| place.waits) {
            return Err(asked_again());
        }
        let mut machine = Self { place: place as u16, ..Self::default() };
        machine.waits = frame.waits.clone().filter(|_| waits);
        machine.visits = layout.places.iter().map(|place| place.visits(frame)).collect();
        machine.entered_as = Some(standing.at.clone()).filter(|at| *at != machine.visit());
        let mut orphans: BTreeSet<_> = standing.rows.iter().copied().collect();
        for index in layout.places[place].kept() {
            let name = layout.vars[usize::from(index)];
            let stored = layout.stored(frame, name).ok_or_else(|| variable_gone(&frame.place, name))?;
            let slot = machine.vars.slot(index);
            slot.decode(&stored.value).map_err(|error| variable_changed(&frame.place, name, &error))?;
            slot.mark().stored = stored.stored.clone();
            for row in stored.rows() {
                orphans.remove(row);
            }
        }
        machine.orphans = orphans.into_iter().collect();
        Ok(machine)
    }

    /// Whether what is stored below its place goes on there; `nested` says whether that is a workflow.
    pub(crate) fn takes_over(&self, nested: impl FnOnce() -> bool) -> bool {
        let kind = V::LAYOUT.places[usize::from(self.place)].kind;
        kind.has_arms() || kind == NodeKind::Workflow && (V::LAYOUT.single || nested())
    }

    /// Whether an arm is one of the place: `/seo#0` of a named one, `[3]` of an item.
    ///
    /// # Errors
    /// `Incompatible`, when it is not.
    pub(crate) fn has_arm(&self, stored: &str) -> Result<(), Error> {
        let kind = V::LAYOUT.places[usize::from(self.place)].kind;
        // Below a workflow its own machine knows; and a machine that is written by hand need not say what its arms are.
        if kind == NodeKind::Workflow || kind.has_arms() && V::arms().is_empty() {
            return Ok(());
        }
        let stored = stored.strip_prefix('/').and_then(|rest| rest.split_once('#')).map_or("", |(name, _)| name);
        let known = V::arms().iter().any(|arm| arm.place == self.place && arm.name == stored);
        if known { Ok(()) } else { Err(arm_gone(&self.at(), stored)) }
    }
}

pub(crate) fn place_gone(place: &str, places: impl Iterator<Item = &'static str>) -> Error {
    let places: Vec<_> = places.map(|place| format!("`{place}`")).collect();
    Error::kind(ErrorKind::Incompatible, format!("the place `{place}` is gone; there are {}", places.join(", ")))
}

fn arm_gone(at: &At, arm: &str) -> Error {
    let message = match arm {
        "" => format!("the place `{}` has no items any more", at.name),
        arm => format!("the arm `{arm}` of the place `{}` is gone", at.name),
    };
    Error::kind(ErrorKind::Incompatible, message)
}

fn waits_changed(place: &str, waited: bool) -> Error {
    let message = if waited {
        format!("the stored place `{place}` waits for an answer, and now it runs")
    } else {
        format!("the stored place `{place}` runs, and now it waits for an answer")
    };
    Error::kind(ErrorKind::Incompatible, message)
}

fn asked_again() -> Error {
    Error::kind(ErrorKind::Incompatible, "an arm that is one suspension cannot begin again: it asks once")
}

fn variable_gone(place: &str, name: &str) -> Error {
    Error::kind(ErrorKind::Incompatible, format!("the stored place `{place}` has no variable `{name}`"))
}

fn variable_changed(place: &str, name: &str, error: &EncodeError) -> Error {
    Error::kind(ErrorKind::Incompatible, format!("the variable `{name}` at `{place}` has another type now: it {error}"))
}
