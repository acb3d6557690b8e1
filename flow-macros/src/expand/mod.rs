//! From a checked graph to tokens. Nothing here can fail: what could was refused before.

mod advance;
mod check_fn;
mod drawing;
mod scope;
mod state;
mod tables;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Stmt};

use crate::diagnostic::{Errors, snake};
use crate::graph::{Graph, PlaceKind};
use crate::node::signature::doc;
use crate::syntax::Workflow;

/// What generated code may name.
pub(crate) fn private() -> TokenStream {
    quote!(::flow_runtime::__private)
}

/// ```text
/// pub async fn Content(brief) -> ..   the body as written, for rustc and the editor; it runs nothing
/// pub enum Content {}                 the node
/// pub enum ContentState { .. }        the places
/// impl Node, Definition, Step<A>, Workflow<A> for Content
/// ```
pub(crate) fn whole(workflow: &Workflow, stmts: &[Stmt], graph: &Graph) -> TokenStream {
    let check_fn = check_fn::expand(workflow, stmts);
    let marker = marker(workflow, Some(graph));
    let states = state::expand(workflow, graph);
    let tables = tables::expand(graph);
    let node = node(workflow, graph);
    let implementation = implementation(workflow, graph);
    let run = run(workflow);
    quote! {
        #check_fn
        #marker
        #states
        #[allow(warnings, clippy::all, clippy::pedantic)]
        const _: () = {
            #tables
            #node
            #implementation
            #run
        };
    }
}

/// After an error: the items exist, so nothing that names them fails too, and the machine is left out.
pub(crate) fn fallback(workflow: &Workflow, errors: Errors) -> TokenStream {
    let (stand_in, errors) = (stand_in(workflow), errors.into_tokens());
    let marker = marker(workflow, None);
    quote!(#stand_in #marker #errors)
}

/// A body that does not parse goes out as it is: rustc says what is wrong with it at the right token, and an editor
/// repairs it.
pub(crate) fn unparsed(workflow: &Workflow) -> TokenStream {
    let Workflow { attrs, vis, name, input, output, mutable, binding, body, .. } = workflow;
    let (marker, body) = (marker(workflow, None), check_fn::raw(body.tokens()));
    let p = private();
    quote! {
        #(#attrs)*
        #[allow(non_snake_case, dead_code, unused)]
        #vis async fn #name(#mutable #binding: #input) -> ::core::result::Result<#output, #p::Error> { #body }
        #marker
    }
}

fn stand_in(workflow: &Workflow) -> TokenStream {
    let Workflow { attrs, vis, name, input, output, binding, .. } = workflow;
    let p = private();
    quote! {
        #(#attrs)*
        #[allow(non_snake_case, dead_code, unused)]
        #vis async fn #name(#binding: #input) -> ::core::result::Result<#output, #p::Error> { #p::not_built() }
    }
}

fn state_name(workflow: &Workflow) -> Ident {
    format_ident!("{}State", workflow.name)
}

/// The stored name of a workflow.
fn stored_name(workflow: &Workflow) -> String {
    snake(&workflow.name.to_string())
}

/// The empty enum; where there is no machine, with impls that promise what the header says.
fn marker(workflow: &Workflow, graph: Option<&Graph>) -> TokenStream {
    let Workflow { attrs, vis, name, input, output, .. } = workflow;
    let p = private();
    let item = quote! {
        #(#attrs)*
        #[allow(dead_code, missing_debug_implementations)]
        #vis enum #name {}
    };
    if graph.is_some() {
        return item;
    }
    let (state, stored) = (state_name(workflow), stored_name(workflow));
    quote! {
        #item
        #[allow(dead_code, missing_docs)]
        #vis enum #state {}
        #[allow(warnings, clippy::all)]
        const _: () = {
            impl #p::Node for #name {
                type Output = #output;
                type Waits = ();
                type Kept<__T: #p::Data> = __T;
                type Bound<'c> = #p::Bound<#input>;
                type Call<'c> = #input;
                const INFO: #p::NodeInfo = #p::NodeInfo { name: #stored, kind: #p::NodeKind::Workflow, doc: "", suspends: false };
                const WAITS: bool = false;
                fn waits(_: Self::Call<'_>) {}
            }
            impl<__A: ::core::marker::Sync> #p::Step<__A> for #name {
                fn bind(_: &__A) -> Self::Bound<'_> { #p::Bound::new() }
                fn perform<'c>(_: &'c #p::Cx<'_, __A>, _: &'c #p::At, _: #input)
                    -> impl ::core::future::Future<Output = ::core::result::Result<Self::Output, #p::StepError>> + ::core::marker::Send + 'c
                { #p::only_waits::<Self>() }
            }
            impl #name {
                pub async fn run<__A>(_: &__A, _: #input) -> #p::Outcome<#output, #p::Parked> { #p::not_built() }
            }
        };
    }
}

/// The workflow as a node of another one.
fn node(workflow: &Workflow, graph: &Graph) -> TokenStream {
    let Workflow { attrs, name, input, output, .. } = workflow;
    let (p, stored, doc) = (private(), stored_name(workflow), doc(attrs));
    let nodes = node_paths(graph);
    let (requires, answers) = (requirements(graph), answers(graph));
    quote! {
        impl #p::Node for #name {
            type Output = #output;
            type Waits = ();
            type Kept<__T: #p::Data> = __T;
            type Bound<'c> = #p::Bound<#input>;
            type Call<'c> = #input;
            const INFO: #p::NodeInfo = #p::NodeInfo {
                name: #stored,
                kind: #p::NodeKind::Workflow,
                doc: #doc,
                suspends: false #(|| <#nodes as #p::Node>::INFO.suspends)*,
            };
            const WAITS: bool = false;
            fn waits(_: Self::Call<'_>) {}
            fn accepts(__node: &str, __payload: &#p::Json) -> ::core::option::Option<::core::result::Result<(), ::std::string::String>> {
                #answers
            }
        }
        impl<__A: ::core::marker::Send + ::core::marker::Sync> #p::Step<__A> for #name #requires {
            fn bind(_: &__A) -> Self::Bound<'_> { #p::Bound::new() }
            fn perform<'c>(
                __cx: &'c #p::Cx<'_, __A>,
                __at: &'c #p::At,
                __input: #input,
            ) -> impl ::core::future::Future<Output = ::core::result::Result<Self::Output, #p::StepError>> + ::core::marker::Send + 'c {
                #p::nested::<__A, Self>(__cx, __at, __input)
            }
        }
    }
}

/// `where research: Step<A>, ..`
fn requirements(graph: &Graph) -> TokenStream {
    let p = private();
    let nodes = node_paths(graph).into_iter().map(|path| quote!(#path: #p::Step<__A>));
    quote!(where #(#nodes),*)
}

/// Every node that is awaited anywhere, once.
fn node_paths(graph: &Graph) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut paths = Vec::new();
    for place in graph.machines.iter().flat_map(|machine| &machine.places) {
        if let PlaceKind::Node { path, .. } = &place.kind {
            let text = quote!(#path).to_string();
            if !seen.contains(&text) {
                seen.push(text);
                paths.push(quote!(#path));
            }
        }
    }
    paths
}

fn implementation(workflow: &Workflow, graph: &Graph) -> TokenStream {
    let (p, name, state) = (private(), &workflow.name, state_name(workflow));
    let input = &workflow.input;
    let drawing = drawing::expand(workflow, graph);
    let start = tables::start(graph);
    let requires = requirements(graph);
    let advance = advance::expand(graph);
    quote! {
        const __ACCEPTED: bool = #p::accepted(&#name);
        impl #p::Definition for #name {
            type Input = #input;
            type State = #state;
            type Vars = __Vars0;
            const GRAPH: #p::Graph = #drawing;
            fn start(__input: #input) -> #p::Machine<__Vars0> { #start }
        }
        impl<__A: ::core::marker::Send + ::core::marker::Sync> #p::Workflow<__A> for #name #requires {
            fn advance<'m>(
                __m: &'m mut #p::Machine<__Vars0>,
                __cx: &'m #p::Cx<'_, __A>,
            ) -> impl ::core::future::Future<Output = ::core::result::Result<#p::Flow<Self::Output>, #p::Error>> + ::core::marker::Send + 'm {
                async move {
                    let (__m, __cx) = <#p::Gate<__ACCEPTED> as #p::Pass<_>>::pass((__m, __cx));
                    #advance
                }
            }
        }
    }
}

/// Whether an answer is of the type that the node of this name takes; nested workflows are asked in turn.
fn answers(graph: &Graph) -> TokenStream {
    let p = private();
    let nodes = node_paths(graph);
    quote! {
        #(if let ::core::option::Option::Some(__found) = <#nodes as #p::Node>::accepts(__node, __payload) {
            return ::core::option::Option::Some(__found);
        })*
        ::core::option::Option::None
    }
}

/// `Content::run(&app, brief)`, without a runtime.
fn run(workflow: &Workflow) -> TokenStream {
    let Workflow { vis, name, input, output, .. } = workflow;
    let p = private();
    quote! {
        impl #name {
            /// Runs the workflow to its end on the caller's own task, without a runtime and without a store.
            ///
            /// A workflow that suspends comes back as [`Outcome::Suspended`](::flow_runtime::Outcome::Suspended), with
            /// what it waits for and all it needs to go on.
            #vis async fn run<__A>(app: &__A, input: #input) -> #p::Outcome<#output, #p::Parked>
            where
                Self: #p::Workflow<__A>,
                __A: ::core::marker::Send + ::core::marker::Sync,
            {
                #p::run::<Self, __A>(app, input).await
            }

            /// Goes on from where a run without a runtime was left.
            #vis async fn go_on<__A>(app: &__A, parked: #p::Parked) -> #p::Outcome<#output, #p::Parked>
            where
                Self: #p::Workflow<__A>,
                __A: ::core::marker::Send + ::core::marker::Sync,
            {
                #p::go_on::<Self, __A>(app, parked).await
            }
        }
    }
}
