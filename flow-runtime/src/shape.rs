//! What the machines of a workflow keep at each place, as data.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::context::{DONE, OUTPUT};
use crate::machine::{PlaceLayout, Slots};
use crate::node::{Data, NodeKind};

/// Each machine by its path: the workflow's name, then places and arms without visits.
#[derive(Debug, Default)]
pub struct Shape {
    pub(crate) machines: BTreeMap<String, BTreeMap<String, PlaceShape>>,
}

/// What is kept at a place.
#[derive(Debug)]
pub(crate) struct PlaceShape {
    pub(crate) kind: NodeKind,
    pub(crate) waits: bool,
    pub(crate) was: &'static [&'static str],
    pub(crate) vars: BTreeMap<String, StoredType>,
    /// What an answer or a signal is read as.
    pub(crate) takes: Option<StoredType>,
}

/// The type of a stored variable. A field with a default need not be there when it is read, but is written: so there are
/// two schemas.
#[derive(Clone, Debug)]
pub struct StoredType {
    pub(crate) name: String,
    pub(crate) written: Value,
    pub(crate) read: Value,
}

impl StoredType {
    pub(crate) fn of<T: Data>() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.meta_schema = None);
        let written = settings.clone().for_serialize().into_generator().into_root_schema_for::<T>();
        let read = settings.for_deserialize().into_generator().into_root_schema_for::<T>();
        Self { name: short(std::any::type_name::<T>()), written: written.to_value(), read: read.to_value() }
    }
}

/// `alloc::vec::Vec<app::Draft>` as the user writes it: `Vec<Draft>`.
fn short(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for c in name.chars() {
        match c {
            ':' => word.clear(),
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                short.push_str(&std::mem::take(&mut word));
                short.push(c);
            }
        }
    }
    short + &word
}

/// Adds a machine and those of its arms.
pub fn machine<V: Slots>(path: &str, shape: &mut Shape) {
    let places = V::LAYOUT.places.iter().map(|place| (place.name.to_owned(), kept::<V>(place)));
    shape.machines.insert(path.to_owned(), places.collect());
    for arm in V::arms() {
        let place = V::LAYOUT.places[usize::from(arm.place)].name;
        let arm_path = if arm.name.is_empty() { format!("{path}/{place}[]") } else { format!("{path}/{place}/{}", arm.name) };
        (arm.shape)(&arm_path, shape);
    }
}

/// Adds the machine of an arm that gives a `T`, which is kept until the other arms have ended.
pub fn arm<V: Slots, T: Data>(path: &str, shape: &mut Shape) {
    machine::<V>(path, shape);
    let vars = BTreeMap::from([(OUTPUT.to_owned(), StoredType::of::<T>())]);
    let done = PlaceShape { kind: NodeKind::Done, waits: false, was: &[], vars, takes: None };
    shape.machines.entry(path.to_owned()).or_default().insert(DONE.to_owned(), done);
}

fn kept<V: Slots>(place: &PlaceLayout) -> PlaceShape {
    let mut machine = V::default();
    let vars = place.kept().map(|index| {
        let stored = machine.slot(index).stored_type();
        (V::LAYOUT.vars[usize::from(index)].to_owned(), stored)
    });
    PlaceShape {
        kind: place.kind,
        waits: place.waits,
        was: place.was,
        vars: vars.collect(),
        takes: place.takes.map(|takes| takes()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn types_are_called_as_they_are_written() {
        assert_eq!(super::short("alloc::vec::Vec<(app::Draft, core::option::Option<u32>)>"), "Vec<(Draft, Option<u32>)>");
    }
}
