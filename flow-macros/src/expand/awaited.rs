//! How generated code names an awaited node.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{ExprPath, Ident, PathSegment};

use crate::graph::{Graph, PlaceKind};
use crate::runtime_path::private_at;

/// Its path. A name that a tuple struct may have too, `Page(1).await`, goes through a gate on whether it is a node: rustc
/// then says that it is none once, and not at each place where the node is named.
pub(super) fn node(path: &ExprPath) -> TokenStream {
    let Some(span) = workflow(path) else { return path.to_token_stream() };
    let p = private_at(span);
    quote_spanned! {span=>
        <#p::Gate<{ <#path as #p::Node>::AWAITS_ITSELF_WRITE_A_LOOP }> as #p::Pass<<#path as #p::rules::Named>::Itself>>::Through
    }
}

/// Where the name of a workflow stands, or of what may be one.
fn workflow(path: &ExprPath) -> Option<Span> {
    let PathSegment { ident, .. } = path.path.segments.last()?;
    ident.to_string().starts_with(char::is_uppercase).then(|| ident.span())
}

/// Rule `recursion`: nor can two await each other. rustc finds the circle, which no macro sees.
///
/// ```text
/// workflow! { Walk<Road -> Road>(road) { Turn(road).await } }   workflow! { Turn<Road -> Road>(road) { Walk(road).await } }   ✗
/// workflow! { Walk<Road -> Road>(road) { loop { turn(&road).await?; .. } } }                                                  ✓
/// ```
pub(super) fn awaits_itself(name: &Ident, graph: &Graph) -> TokenStream {
    let places = graph.machines.iter().flat_map(|machine| &machine.places);
    let nested = places.filter_map(|place| match &place.kind {
        PlaceKind::Node { path, .. } => Some((workflow(path)?, path)),
        PlaceKind::Join { .. } | PlaceKind::Many { .. } => None,
    });
    let nested = nested.map(|(span, path)| {
        let p = private_at(span);
        quote_spanned!(span=> || <#path as #p::Node>::AWAITS_ITSELF_WRITE_A_LOOP)
    });
    let nested: TokenStream = nested.collect();
    if nested.is_empty() { nested } else { quote_spanned!(name.span()=> const AWAITS_ITSELF_WRITE_A_LOOP: bool = false #nested;) }
}

/// Rule `select`: the arm that is not the first is stopped, and a blocking step cannot be.
///
/// ```text
/// select! { image = resize(&photo) => .., _ = sleep(MINUTE) => .. }                  ✗ where `resize` is `#[step(blocking)]`
/// let image = resize(&photo).await?;                                                 ✓
/// ```
pub(super) fn stoppable(graph: &Graph) -> TokenStream {
    let nodes = (0..graph.machines.len()).filter(|machine| graph.may_lose(*machine)).flat_map(|machine| {
        graph.machines[machine].places.iter().filter_map(|place| match &place.kind {
            PlaceKind::Node { path, .. } => Some(path),
            PlaceKind::Join { .. } | PlaceKind::Many { .. } => None,
        })
    });
    let checks = nodes.map(|path| {
        let text = path.to_token_stream().to_string().replace(' ', "");
        let message = format!(
            "`{text}` is blocking: if another arm is first, nothing can stop it, and it runs on unseen; await it outside of the `select!`, or make it an `async fn`"
        );
        let (node, span) = (node(path), path.span());
        let p = private_at(span);
        quote_spanned!(span=> const _: () = ::core::assert!(!<#node as #p::Node>::BLOCKS, #message);)
    });
    checks.collect()
}
