//! What must hold of a lowered workflow. Types are rustc's business; this is about structure.

mod hidden;
mod kept;
mod names;
mod recursion;

use crate::diagnostic::Errors;
use crate::graph::Graph;
use crate::syntax::{Body, Workflow, label};

/// Every rule, in the order of their pages.
pub(crate) fn check(workflow: &Workflow, graph: &Graph, errors: &mut Errors) {
    if let Body::Parsed { stmts, .. } = &workflow.body {
        label::check(stmts, errors);
    }
    names::check_places(graph, errors);
    names::check_former(graph, errors);
    names::check_reserved(graph, errors);
    recursion::check(workflow, graph, errors);
    kept::check_types(graph, errors);
    let mut twice = Errors::default();
    kept::check_names(graph, &mut twice);
    // Two that are stored by one name often hide each other too: that is one mistake.
    if twice.is_empty() {
        hidden::check(graph, errors);
    }
    errors.append(twice);
}
