//! `workflow!`: from the source to the state machine.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;
use syn::Stmt;

use crate::check::check;
use crate::diagnostic::Errors;
use crate::expand;
use crate::graph::{Graph, lower};
use crate::node::names;
use crate::node::options::{Options, WORKFLOW};
use crate::runtime_path::renamed;
use crate::syntax::{Body, Name, Workflow, too_many};

/// Parse, lower, check, expand; nothing is expanded into a machine that is not right.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut workflow: Workflow = match syn::parse2(input.clone()) {
        Ok(workflow) => workflow,
        Err(error) => return without_signature(input, error, errors),
    };
    let options = Options::of_workflow(&mut workflow.attrs, &mut errors);
    (workflow.id, workflow.migrate) = (options.id, options.migrate);
    let (behind, machine) = (behind(&mut workflow, expand), machine(&workflow, errors));
    let machine = renamed(machine, options.krate.as_ref(), &workflow.name, &[]);
    quote!(#machine #behind)
}

fn machine(workflow: &Workflow, mut errors: Errors) -> TokenStream {
    let Body::Parsed { stmts, .. } = &workflow.body else { return expand::unparsed(workflow) };
    match lowered(workflow, stmts, &mut errors) {
        Some(graph) if errors.is_empty() => expand::whole(workflow, stmts, graph),
        _ => expand::fallback(workflow, stmts, errors),
    }
}

/// The graph, with whatever is wrong of it in the errors.
fn lowered(workflow: &Workflow, stmts: &[Stmt], errors: &mut Errors) -> Option<Graph> {
    if let Some(error) = too_many(workflow.body.tokens()) {
        errors.push(error);
        return None;
    }
    let graph = lower(workflow, stmts, errors);
    check(workflow, &graph, errors);
    Some(graph)
}

/// The header cannot be read; of its options only the way to the runtime crate matters then.
fn without_signature(input: TokenStream, error: syn::Error, mut ignored: Errors) -> TokenStream {
    let Ok(mut named) = syn::parse2::<Name>(input) else { return error.into_compile_error() };
    let (name, options) = (named.name.clone(), Options::of_workflow(&mut named.attrs, &mut ignored));
    renamed(expand::without_signature(&named, error), options.krate.as_ref(), &name, &[])
}

/// For rust-analyzer: the body, whether it parses or not, the states as far as they are known, and what is wrong.
pub(crate) fn in_editor(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut workflow: Workflow = match syn::parse2(input.clone()) {
        Ok(workflow) => workflow,
        Err(error) => return without_signature(input, error, errors),
    };
    let names = offered(&workflow.attrs);
    let options = Options::of_workflow(&mut workflow.attrs, &mut errors);
    (workflow.id, workflow.migrate) = (options.id, options.migrate);
    let graph = match &workflow.body {
        Body::Parsed { stmts, .. } => lowered(&workflow, stmts, &mut errors).filter(|_| errors.is_empty()),
        Body::Broken(_) => None,
    };
    let krate = options.krate.as_ref().map_or_else(|| quote!(::flow_runtime), |path| quote!(#path));
    let (behind, items) = (behind(&mut workflow, in_editor), expand::in_editor(&workflow, &krate, graph.as_ref(), errors));
    let items = renamed(quote!(#names #items), options.krate.as_ref(), &workflow.name, &[]);
    quote!(#items #behind)
}

/// A second workflow is refused, and is there for those who name it.
fn behind(workflow: &mut Workflow, expand: fn(TokenStream) -> TokenStream) -> TokenStream {
    let Some((error, rest)) = workflow.behind.take() else { return TokenStream::new() };
    let (error, parses) = (error.into_compile_error(), syn::parse2::<Workflow>(rest.clone()).is_ok());
    let next = parses.then(|| expand(rest));
    quote!(#error #next)
}

/// The names in `#[workflow(..)]`.
fn offered(attrs: &[Attribute]) -> TokenStream {
    let lists = attrs.iter().filter(|attr| attr.path().is_ident("workflow")).filter_map(|attr| attr.meta.require_list().ok());
    lists.map(|list| names::offered(&list.tokens, WORKFLOW)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also the example of `ARCHITECTURE.md`, whose code blocks are taken from the expansion.
    const HELLO: &str = r#"
        /// Greets somebody, once a person agrees.
        pub Hello<String -> String>(name) {
            let greeting = greet(&name).await?;
            let agreed = approval(&greeting).await?;
            Ok(if agreed { greeting } else { name })
        }
    "#;

    /// Rewrite the file with `BLESS=1 cargo test -p flow-macros`, and read the difference.
    #[test]
    fn the_expansion_of_a_small_workflow_is_known() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/expansions/hello.rs");
        let tokens = expand(HELLO.parse().unwrap());
        let expansion = prettyplease::unparse(&syn::parse2(tokens).unwrap());
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(file, &expansion).unwrap();
        }
        let known = std::fs::read_to_string(file).unwrap_or_default();
        let differs = known.lines().zip(expansion.lines()).position(|(known, new)| known != new);
        assert!(known == expansion, "the expansion differs from {file}, first in line {differs:?} (from 0 on)");
    }
}
