//! A workflow that awaits itself.

use syn::spanned::Spanned;

use crate::diagnostic::Errors;
use crate::graph::{Graph, PlaceKind};
use crate::syntax::Workflow;

/// Rule `recursion`: a workflow cannot await itself, its state would hold itself.
///
/// ```text
/// workflow! { Tree<Node -> Sum>(node) { Tree(node.left).await } }                                      ✗
/// workflow! { Tree<Node -> Sum>(node) { let mut open: Vec<Node> = vec![node]; while .. { .. } } }      ✓
/// ```
pub(super) fn check(workflow: &Workflow, graph: &Graph, errors: &mut Errors) {
    for place in graph.machines.iter().flat_map(|machine| &machine.places) {
        if let PlaceKind::Node { path, .. } = &place.kind
            && path.path.is_ident(&workflow.name)
        {
            errors.beside(
                path.span(),
                format!("`{}` awaits itself: write a loop, or start a run of its own from a `#[step]`", workflow.name),
            );
        }
    }
}
