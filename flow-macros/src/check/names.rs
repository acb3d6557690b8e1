//! A place is stored by its name.

use crate::diagnostic::{Errors, line};
use crate::graph::Graph;

/// Names that every machine has.
const RESERVED: &[&str] = &["start", "done"];

/// Rule `places`: a place is stored by its name, so a name is given once.
///
/// ```text
/// let a = review(&x).await?;
/// let b = review(&y).await?;                       ✗ two places `review`
/// let b = #[at(second)] review(&y).await?;         ✓
/// ```
pub(super) fn check_places(graph: &Graph, errors: &mut Errors) {
    for machine in &graph.machines {
        let mut seen: Vec<(&str, proc_macro2::Span)> = Vec::new();
        for place in &machine.places {
            let Some((_, first)) = seen.iter().copied().find(|(name, _)| *name == place.name) else {
                seen.push((&place.name, place.span));
                continue;
            };
            let (name, line) = (&place.name, line(first));
            let message = format!(
                "a second place `{name}`, the first is in line {line}; label one, before the call: `#[at(other_{name})] {name}(..)`"
            );
            errors.beside(place.span, message);
        }
    }
}

/// Rule `was`: what a place was called is no other place's name: a stored run would be at both.
///
/// ```text
/// let a = review(&x).await?;
/// let b = #[at(second, was = "review")] review(&y).await?;      ✗ the place `review` is in line 1
/// let b = #[at(second, was = "third")] review(&y).await?;       ✓
/// ```
pub(super) fn check_former(graph: &Graph, errors: &mut Errors) {
    for machine in &graph.machines {
        for (index, place) in machine.places.iter().enumerate() {
            let taken = machine.places.iter().enumerate().filter(|(other, _)| *other != index).flat_map(|(other, place)| {
                let earlier = place.was.iter().filter(move |_| other < index);
                let now = std::iter::once((place.name.clone(), place.span));
                now.chain(earlier.map(|was| (was.value(), was.span())))
            });
            let taken: Vec<_> = taken.collect();
            for was in &place.was {
                let name = was.value();
                if RESERVED.contains(&name.as_str()) {
                    let message = "is the name of a place that every workflow has, so this one was never called so: leave it out";
                    errors.beside(was.span(), format!("`{name}` {message}"));
                } else if let Some((_, other)) = taken.iter().find(|(known, _)| *known == name) {
                    let line = line(*other);
                    errors
                        .beside(was.span(), format!("the place in line {line} is or was called `{name}` too: leave it out here, as a stored run can be at one of them only"));
                }
            }
        }
    }
}

/// Rule `places`: `start` and `done` are taken.
///
/// ```text
/// start(&order).await?;                    ✗
/// #[at(begin)] start(&order).await?;       ✓
/// ```
pub(super) fn check_reserved(graph: &Graph, errors: &mut Errors) {
    for place in graph.machines.iter().flat_map(|machine| &machine.places) {
        if RESERVED.contains(&place.name.as_str()) {
            let message = format!(
                "`{0}` is the name of a place that every workflow has; label this one: `#[at(other)] {0}(..).await`",
                place.name
            );
            errors.beside(place.span, message);
        }
    }
}
