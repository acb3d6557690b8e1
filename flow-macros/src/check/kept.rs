//! What a place keeps: it is stored by name, and its type must have a name.

use crate::diagnostic::{Errors, line};
use crate::graph::{Graph, Origin, Place, Var, VarId, VarType};
use crate::syntax::borrow;

/// Rule `kept`: a variable that does not come from a node and is read behind an await needs its type.
///
/// ```text
/// let mut total = 0;                 ✗ `total` is kept across `.await` of `draft`
/// let mut total: u32 = 0;            ✓
/// draft(&outline).await?;
/// total += 1;
/// ```
pub(super) fn check_types(graph: &Graph, errors: &mut Errors) {
    let mut reported: Vec<VarId> = Vec::new();
    for machine in &graph.machines {
        for place in &machine.places {
            for var in place.live.union(&place.uses).filter(|var| !graph.is_rebuilt(**var)) {
                let found = &graph.vars[*var];
                let message = match &found.ty {
                    VarType::Unknown | VarType::Tuple(_) => untyped(found, place),
                    VarType::List(item) if matches!(**item, VarType::Unknown) => untyped(found, place),
                    VarType::Written(ty) if borrow(ty).is_some() => borrowed(found, place),
                    VarType::Reference { exclusive: false } => borrowed(found, place),
                    VarType::Reference { exclusive: true } => exclusive(found, place),
                    _ => continue,
                };
                if !reported.contains(var) {
                    reported.push(*var);
                    errors.beside(found.name.span(), message);
                }
            }
        }
    }
}

fn untyped(var: &Var, place: &Place) -> String {
    let (name, place) = (&var.name, &place.name);
    let kept = format!("`{name}` is kept across `.await` of `{place}`");
    match var.origin {
        Origin::Pattern => format!("{kept}, so its type must be written: bind it again, `let {name}: T = {name};`"),
        Origin::Temp => format!("this value is kept across `.await` of `{place}`: put it into a `let` with its type"),
        _ => format!("{kept}; give it a type: `let {name}: T = ..`"),
    }
}

/// Rule `kept`: what is stored owns its data.
///
/// ```text
/// let first: &str = brief.topic.trim();              ✗
/// let first: String = brief.topic.trim().into();     ✓
/// ```
fn borrowed(var: &Var, place: &Place) -> String {
    let (name, place) = (&var.name, &place.name);
    format!(
        "`{name}` is kept across `.await` of `{place}`, and a reference cannot be stored: keep an owned value, or make the reference again behind the await"
    )
}

fn exclusive(var: &Var, place: &Place) -> String {
    let (name, place) = (&var.name, &place.name);
    format!("`{name}` is kept across `.await` of `{place}`, and a `&mut` cannot be stored: make it again behind the await")
}

/// Rule `kept`: a variable is stored by its name, so no two of one name are alive at one place.
///
/// ```text
/// let n: u32 = 1;
/// if let Some(n) = more { .. }       ✗ if both are read behind an await in it
/// if let Some(other) = more { .. }   ✓
/// ```
pub(super) fn check_names(graph: &Graph, errors: &mut Errors) {
    let mut reported: Vec<VarId> = Vec::new();
    for place in graph.machines.iter().flat_map(|machine| &machine.places) {
        let kept: Vec<_> = place.live.union(&place.uses).filter(|var| !graph.is_rebuilt(**var)).collect();
        for (at, var) in kept.iter().enumerate() {
            let (found, stored) = (&graph.vars[**var], stored_name(&graph.vars[**var]));
            let other = kept[..at].iter().map(|other| &graph.vars[**other]).find(|other| stored_name(other) == stored);
            if let Some(other) = other.filter(|_| !reported.contains(var)) {
                reported.push(**var);
                let (place, line) = (&place.name, line(other.name.span()));
                let message = match &found.origin {
                    Origin::Turn(name) if name == "turn" => {
                        format!("a run must tell this loop from that of line {line}: give the item of one a name")
                    }
                    Origin::Turn(name) => {
                        let item = name.trim_end_matches("_turn");
                        format!("a run must tell this loop from that of line {line}, whose item is `{item}` too: rename one")
                    }
                    _ => {
                        let both = format!("two variables `{stored}` are kept across `.await` of `{place}`");
                        format!("{both}, this one and that of line {line}: rename one")
                    }
                };
                errors.beside(found.name.span(), message);
            }
        }
    }
}

/// What a variable is called in the store.
fn stored_name(var: &Var) -> String {
    match &var.origin {
        Origin::Turn(name) => name.clone(),
        _ => var.name.to_string(),
    }
}
