//! `workflow!`: from the source to the state machine.

use proc_macro2::TokenStream;

use crate::check::check;
use crate::diagnostic::Errors;
use crate::expand;
use crate::graph::lower;
use crate::syntax::{Body, Workflow};

/// Parse, lower, check, expand; nothing is expanded into a machine that is not right.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let workflow: Workflow = match syn::parse2(input) {
        Ok(workflow) => workflow,
        Err(error) => return error.into_compile_error(),
    };
    let Body::Parsed { stmts, .. } = &workflow.body else { return expand::unparsed(&workflow) };

    let mut errors = Errors::default();
    let graph = lower(&workflow, stmts, &mut errors);
    check(&workflow, &graph, &mut errors);
    if !errors.is_empty() {
        return expand::fallback(&workflow, errors);
    }
    expand::whole(&workflow, stmts, &graph)
}
