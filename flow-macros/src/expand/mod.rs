//! From a checked graph to tokens. Nothing here can fail: what could was refused before.

mod advance;
mod arms;
mod awaited;
mod check_fn;
mod drawing;
mod editor;
mod parts;
mod question;
mod scope;
mod state;
mod tables;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Stmt, Type};

use self::parts::Parts;
use crate::diagnostic::{Errors, placeless, quiet, snake};
use crate::graph::{Graph, MachineId, PlaceId, PlaceKind};
use crate::node::signature::doc;
use crate::runtime_path::{private, private_at};
use crate::syntax::{Name, Workflow};

/// ```text
/// pub async fn Content(brief) -> ..   the body as written, for rustc and the editor; it runs nothing
/// pub enum Content {}                 the node
/// pub enum ContentState { .. }        the places
/// impl Node, Definition, Step<A>, Workflow<A> for Content
/// ```
pub(crate) fn whole(workflow: &Workflow, stmts: &[Stmt], mut graph: Graph) -> TokenStream {
    let check_fn = check_fn::expand(workflow, stmts);
    let (marker, quiet) = (marker(workflow, &drawing::in_docs(&graph)), quiet());
    let (states, state_impls) = state::expand(workflow, &graph);
    let judged = tables::judged(workflow, Some(&graph));
    let (tables, stoppable) = (tables::expand(&graph), awaited::stoppable(&graph));
    let node = node(workflow, &graph);
    let step = step(workflow);
    let drawing = drawing::expand(workflow, &graph);
    question::through(&mut graph);
    let implementation = implementation(workflow, &graph, &drawing);
    let run = run(workflow);
    quote! {
        #check_fn
        #marker
        #states
        #quiet
        const _: () = {
            #judged
            #state_impls
            #tables
            #stoppable
            #node
            #step
            #implementation
        };
        #run
    }
}

/// What rust-analyzer reads. The body comes first: no place in it hangs on whether it parses.
pub(crate) fn in_editor(workflow: &Workflow, krate: &TokenStream, graph: Option<&Graph>, errors: Errors) -> TokenStream {
    let body = editor::body_fn(workflow, krate);
    let states = graph.map_or_else(|| no_states(workflow), |graph| state::expand(workflow, graph).0);
    let (rest, errors) = (placeless(without_machine(workflow, &states)), errors.into_tokens());
    quote!(#body #rest #errors)
}

/// The places of a workflow that has no machine.
fn no_states(workflow: &Workflow) -> TokenStream {
    let (vis, state) = (&workflow.vis, state_name(workflow));
    quote! {
        #[allow(dead_code, unreachable_pub, missing_docs, missing_debug_implementations)]
        #vis enum #state<> {}
    }
}

/// After an error: the items exist, so nothing that names them fails too, and the machine is left out.
pub(crate) fn fallback(workflow: &Workflow, stmts: &[Stmt], errors: Errors) -> TokenStream {
    let Workflow { attrs, vis, name, input, output, binding, .. } = workflow;
    let (p, rest) = (private(), without_machine(workflow, &no_states(workflow)));
    if errors.stand_beside() {
        let body = check_fn::beside(workflow, stmts, errors);
        return quote!(#body #rest);
    }
    let errors = errors.into_tokens();
    quote! {
        #(#attrs)*
        #[allow(non_snake_case, private_interfaces, unused)]
        #vis async fn #name<>(#binding: #input) -> ::core::result::Result<#output, #p::Error> { #p::not_built() }
        #rest
        #errors
    }
}

/// After an error in the header: a workflow that may be named anywhere, whose input and output are of no type.
pub(crate) fn without_signature(Name { vis, name, .. }: &Name, error: syn::Error) -> TokenStream {
    let error = error.into_compile_error();
    let (p, quiet, state) = (private(), quiet(), format_ident!("{}State", name));
    let none = quote!(<#p::Gate<__REFUSED> as #p::Pass<()>>::Through);
    let future = |output: TokenStream| quote!(impl ::core::future::Future<Output = #output> + ::core::marker::Send);
    let (performed, advanced) = (
        future(quote!(::core::result::Result<Self::Output, #p::StepError>)),
        future(quote!(::core::result::Result<#p::Flow<Self::Output>, #p::Error>)),
    );
    quote! {
        #quiet
        #vis enum #name<> {}
        #quiet
        #vis enum #state<> {}
        #quiet
        const _: () = {
            const __REFUSED: bool = { #error true };
            impl #p::Node for #name {
                type Output = #none;
                type Waits = ();
                type Kept<__T> = __T;
                type Bound<'c> = #none;
                type Call<'c> = #none;
                const INFO: #p::NodeInfo = #p::NodeInfo { name: "", kind: #p::NodeKind::Workflow, doc: "", suspends: false };
                const WAITS: bool = false;
                fn waits(_: Self::Call<'_>) {}
            }
            impl<__A: ::core::marker::Sync> #p::Step<__A> for #name {
                fn bind(_: &__A) -> Self::Bound<'_> { #p::not_built() }
                fn perform<'c>(_: &'c #p::Cx<'_, __A>, _: &'c #p::At, _: Self::Call<'c>) -> #performed + 'c {
                    #p::only_waits::<Self>()
                }
            }
            impl #p::Definition for #name {
                type Input = #none;
                type State = #p::rules::Unbuilt;
                type Vars = #p::rules::Unbuilt;
                const GRAPH: #p::Graph = #p::Graph { workflow: "", doc: "", fingerprint: 0, nodes: &[], edges: &[] };
                fn start(_: Self::Input) -> #p::Machine<Self::Vars> { #p::not_built() }
            }
            impl<__A> #p::Workflow<__A> for #name {
                fn advance<'m>(_: &'m mut #p::Machine<Self::Vars>, _: &'m #p::Cx<'_, __A>) -> #advanced + 'm {
                    async { #p::not_built() }
                }
            }
            impl #name {
                #vis fn run<__A>(_: &__A, _: #none) -> #none { #p::not_built() }
                #vis fn go_on<__A>(_: &__A, _: #p::Parked) -> #none { #p::not_built() }
            }
        };
    }
}

/// A body that does not parse goes out as it is: rustc says what is wrong with it at the right token, and nothing else.
pub(crate) fn unparsed(workflow: &Workflow) -> TokenStream {
    let Workflow { attrs, vis, name, input, output, mutable, binding, body, .. } = workflow;
    let raw = check_fn::raw(body.tokens());
    let (p, quiet, rest) = (private(), quiet(), without_machine(workflow, &no_states(workflow)));
    // What rustc does not compile it still parses.
    quote! {
        #(#attrs)*
        #quiet
        #vis async fn #name<>(#mutable #binding: #input) -> ::core::result::Result<#output, #p::Error> {
            #[cfg(false)]
            { #raw }
            #p::not_built()
        }
        #rest
    }
}

/// The node of a workflow that has no machine.
fn without_machine(workflow: &Workflow, states: &TokenStream) -> TokenStream {
    let name = &workflow.name;
    let (p, stored) = (private(), stored_name(workflow));
    let (marker, judged) = (marker(workflow, &TokenStream::new()), tables::judged(workflow, None));
    let (node, step, run) = (node(workflow, &Graph::default()), step(workflow), run(workflow));
    let (input, quiet, migrate) = (stored_type(&workflow.input), quiet(), migrate(workflow));
    quote! {
        #marker
        #states
        #quiet
        const _: () = {
            #judged
            #node
            #step
            impl #p::Definition for #name {
                type Input = #input;
                type State = #p::rules::Unbuilt;
                type Vars = #p::rules::Unbuilt;
                const GRAPH: #p::Graph = #p::Graph { workflow: #stored, doc: "", fingerprint: 0, nodes: &[], edges: &[] };
                #migrate
                fn start(_: Self::Input) -> #p::Machine<Self::Vars> { #p::not_built() }
            }
            impl<__A: ::core::marker::Send + ::core::marker::Sync> #p::Workflow<__A> for #name {
                fn advance<'m>(
                    _: &'m mut #p::Machine<Self::Vars>,
                    _: &'m #p::Cx<'_, __A>,
                ) -> impl ::core::future::Future<Output = ::core::result::Result<#p::Flow<Self::Output>, #p::Error>> + ::core::marker::Send + 'm {
                    async { #p::not_built() }
                }
            }
        };
        #run
    }
}

/// The type of a value that is stored, where it can be.
fn stored_type(ty: &Type) -> TokenStream {
    let p = private();
    quote!(<#p::Gate<__STORABLE> as #p::Pass<#ty>>::Through)
}

fn state_name(workflow: &Workflow) -> Ident {
    format_ident!("{}State", workflow.name)
}

/// The stored name of a workflow.
fn stored_name(workflow: &Workflow) -> String {
    workflow.id.as_ref().map_or_else(|| snake(&workflow.name.to_string()), |id| id.value())
}

/// The empty enum.
fn marker(workflow: &Workflow, drawing: &TokenStream) -> TokenStream {
    let Workflow { attrs, vis, name, .. } = workflow;
    quote! {
        #(#attrs)*
        #drawing
        #[allow(dead_code, unreachable_pub, missing_debug_implementations)]
        #vis enum #name<> {}
    }
}

/// The workflow as a node of another one.
fn node(workflow: &Workflow, graph: &Graph) -> TokenStream {
    let Workflow { attrs, vis, name, binding, input, .. } = workflow;
    let (p, stored, doc) = (private(), stored_name(workflow), doc(attrs));
    let (nodes, answers, itself) = (node_paths(graph), answers(graph), awaited::awaits_itself(name, graph));
    // At the user's types: a private one in a public workflow is refused there.
    let output = stored_type(&workflow.output);
    let output = quote_spanned!(workflow.output.span()=> type Output = #output;);
    let called = quote_spanned!(input.span()=> type Call<'c> = #input;);
    // At the user's name: rustc notes "method defined here" under it.
    let call = Ident::new("call", name.span());
    quote! {
        #vis struct __Bound;
        impl __Bound {
            pub fn #call(self, #binding: #input) -> #input { #binding }
        }
        impl #p::Node for #name {
            #output
            type Waits = ();
            type Kept<__T> = __T;
            type Bound<'c> = __Bound;
            #called
            const NESTED: ::core::option::Option<&'static #p::Graph> = ::core::option::Option::Some(&<Self as #p::Definition>::GRAPH);
            const INFO: #p::NodeInfo = #p::NodeInfo {
                name: #stored,
                kind: #p::NodeKind::Workflow,
                doc: #doc,
                suspends: false #(|| <#nodes as #p::Node>::INFO.suspends)*,
            };
            const WAITS: bool = false;
            #itself
            fn waits(_: Self::Call<'_>) {}
            fn accepts(__node: &str, __payload: &#p::Json) -> ::core::option::Option<::core::result::Result<(), ::std::string::String>> {
                #answers
            }
        }
    }
}

/// What it needs is what its machine needs; said once, and not by the nodes themselves: a node that does not exist
/// would pass for this workflow.
fn step(workflow: &Workflow) -> TokenStream {
    let (p, Workflow { name, input, .. }) = (private(), workflow);
    let at = private_at(name.span());
    let header = quote_spanned!(name.span()=> #at::Step<__A> for #name where #name: #at::Workflow<__A>);
    quote! {
        impl<__A: ::core::marker::Send + ::core::marker::Sync> #header {
            fn bind(_: &__A) -> __Bound { __Bound }
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

/// `where research: Step<A>, ..`, each at the user's token: where an app lacks a resource rustc points there.
fn requirements(graph: &Graph, of: impl Fn((MachineId, PlaceId)) -> bool) -> TokenStream {
    let nodes = nodes_at(graph, of).into_iter().map(|path| {
        let p = private_at(path.span());
        quote_spanned!(path.span()=> #path: #p::Step<__A>)
    });
    quote!(where #(#nodes),*)
}

/// Every node that is awaited anywhere, once.
fn node_paths(graph: &Graph) -> Vec<TokenStream> {
    nodes_at(graph, |_| true)
}

/// Every node that is awaited at some of the places, once.
fn nodes_at(graph: &Graph, of: impl Fn((MachineId, PlaceId)) -> bool) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut paths = Vec::new();
    let machines = graph.machines.iter().enumerate();
    let places = machines.flat_map(|(id, machine)| machine.places.iter().enumerate().map(move |(at, place)| ((id, at), place)));
    for (_, place) in places.filter(|(at, _)| of(*at)) {
        if let PlaceKind::Node { path, .. } = &place.kind {
            let text = quote!(#path).to_string();
            if !seen.contains(&text) {
                seen.push(text);
                paths.push(awaited::node(path));
            }
        }
    }
    paths
}

fn implementation(workflow: &Workflow, graph: &Graph, drawing: &TokenStream) -> TokenStream {
    let (p, name, state) = (private(), &workflow.name, state_name(workflow));
    let input = &workflow.input;
    let stored = stored_type(input);
    let stored = quote_spanned!(input.span()=> type Input = #stored;);
    let (start, migrate) = (tables::start(graph), migrate(workflow));
    let requires = requirements(graph, |_| true);
    let at = private_at(name.span());
    let header = quote_spanned!(name.span()=> #at::Workflow<__A> for #name);
    let Parts { functions, body } = parts::expand(workflow, graph);
    quote! {
        const __ACCEPTED: bool = #p::rules::body(&#name);
        impl #p::Definition for #name {
            #stored
            type State = #state;
            type Vars = __Vars0;
            const GRAPH: #p::Graph = #drawing;
            #migrate
            fn start(__input: #input) -> #p::Machine<__Vars0> { #start }
        }
        #functions
        impl<__A: ::core::marker::Send + ::core::marker::Sync> #header #requires {
            // An `async fn`: rustc knows what it returns before it reads what it does, which makes it read much faster.
            async fn advance<'m>(
                __m: &'m mut #p::Machine<__Vars0>,
                __cx: &'m #p::Cx<'_, __A>,
            ) -> ::core::result::Result<#p::Flow<Self::Output>, #p::Error> {
                let (__m, __cx) = <#p::Gate<__ACCEPTED> as #p::Pass<_>>::pass((__m, __cx));
                #body
            }
        }
    }
}

/// What makes states of an older shape fit. rustc judges the function where the user names it.
///
/// Rule `migrate`: it is named by its path, takes `&mut StoredState` and gives `Result<(), Error>`.
///
/// ```text
/// #[workflow(migrate = |state| Ok(()))]                                    ✗
/// fn from_older(state: StoredState) -> StoredState { .. }                  ✗
/// fn from_older(state: &mut StoredState) -> Result<(), Error> { .. }       ✓
/// #[workflow(migrate = from_older)]                                        ✓
/// ```
fn migrate(workflow: &Workflow) -> Option<TokenStream> {
    let path = workflow.migrate.as_ref()?;
    let (p, at) = (private(), private_at(path.span()));
    let given = quote_spanned!(path.span()=> const __GIVEN: #at::Migrate = #path;);
    Some(quote! {
        const MIGRATE: ::core::option::Option<#p::Migrate> = {
            #given
            ::core::option::Option::Some(__GIVEN)
        };
    })
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
    // Not `async`: a bound of an async fn that does not hold is reported at each use of its future.
    let at = private_at(name.span());
    let requires = quote_spanned!(name.span()=> Self: #at::Workflow<__A>);
    let (run, go_on) = (Ident::new("run", name.span()), Ident::new("go_on", name.span()));
    quote! {
        #[allow(dead_code, unreachable_pub, private_interfaces)]
        impl #name {
            /// Runs the workflow to its end on the caller's own task, without a runtime and without a store.
            ///
            /// A workflow that suspends comes back as `Outcome::Suspended`, with
            /// what it waits for and all it needs to go on.
            #vis fn #run<'a, __A>(app: &'a __A, input: #input) -> #p::Running<'a, #output>
            where
                #requires,
                __A: ::core::marker::Send + ::core::marker::Sync,
            {
                #p::running(#p::run::<Self, __A>(app, input))
            }

            /// Goes on from where a run without a runtime was left.
            #vis fn #go_on<'a, __A>(app: &'a __A, parked: #p::Parked) -> #p::Running<'a, #output>
            where
                #requires,
                __A: ::core::marker::Send + ::core::marker::Sync,
            {
                #p::running(#p::go_on::<Self, __A>(app, parked))
            }
        }
    }
}
