//! `#[step]`: an async function that is a step.
//!
//! Rule `step_attribute`: a step is an `async fn` that returns a `Result`; it borrows its arguments or they are `Clone`.
//!
//! An option that could never do anything is an error: `backoff` without `retries`, `retries` of what never fails.
//!
//! ```text
//! #[step(retry = 3)] fn price(order: &mut Order) -> u32 { .. }                           ✗
//! #[step(retries = 3)] async fn price(order: &Order) -> Result<u32, ShopError> { .. }    ✓
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, PathSegment, ReturnType, Type, TypeReference};

use super::options::{self, Options};
use super::signature::{NodeFn, Param};
use super::{attempt, blocking, names, policy, refused};
use crate::diagnostic::{Errors, placeless, quiet};
use crate::runtime_path::{private, private_at, renamed};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let (function, node) = parts(options, item);
    quote!(#function #node)
}

/// For rust-analyzer: the names of the options, and the function alone with its place in the source.
pub(crate) fn in_editor(options: TokenStream, item: TokenStream) -> TokenStream {
    let names = names::offered(&options, options::STEP);
    let (function, node) = parts(options, item);
    let node = placeless(node);
    quote!(#names #function #node)
}

/// The user's function, and the node beside it.
fn parts(options: TokenStream, item: TokenStream) -> (TokenStream, TokenStream) {
    let mut errors = Errors::default();
    let options = Options::parse(options, "step", options::STEP, &mut errors);
    let mut node: NodeFn = match syn::parse2(item.clone()) {
        Ok(node) => node,
        Err(_) => return (refused::no_function(item, "a `#[step]` is an `async fn`"), TokenStream::new()),
    };
    node.read_params("step", &mut errors);
    for param in &node.params {
        refuse_mutable(&param.ty, &mut errors);
    }
    match (node.sig.asyncness, options.blocking) {
        (Some(token), true) => {
            errors.at(token.span, "a blocking step is a plain `fn`: leave out `async`, or `blocking` if the function awaits");
        }
        (None, false) => {
            errors
                .at(node.sig.fn_token.span, "a `#[step]` is an `async fn`; one that blocks its thread is a `#[step(blocking)]`");
            node.sig.asyncness = Some(syn::Token![async](node.sig.fn_token.span));
        }
        _ => {}
    }
    if options.blocking {
        blocking::refuse(&node, &mut errors);
    }
    if let Some(span) = options.given("retries").filter(|_| options.timeout.is_none() && never_fails(&node)) {
        errors
            .at(span, "this step never fails, so it is never tried again: leave `retries` out, or give it an error to fail with");
    }
    if !errors.is_empty() {
        return (refused::expand(&node, &options, false, errors), TokenStream::new());
    }
    let (item, marker) = (node.item(), marker(&node, &options));
    let implementation = implementation(&node, &options);
    let krate = options.krate.as_ref();
    (item, renamed(quote!(#marker #implementation), krate, &node.sig.ident, &node.cfgs()))
}

/// Whether it returns a `Result<_, Infallible>`.
fn never_fails(node: &NodeFn) -> bool {
    let ReturnType::Type(_, ty) = &node.sig.output else { return false };
    let Some(PathArguments::AngleBracketed(args)) = last(ty).map(|last| &last.arguments) else { return false };
    let error = args.args.iter().nth(1);
    matches!(error, Some(GenericArgument::Type(ty)) if last(ty).is_some_and(|last| last.ident == "Infallible"))
}

fn last(ty: &Type) -> Option<&PathSegment> {
    if let Type::Path(path) = ty { path.path.segments.last() } else { None }
}

/// A step is tried several times, so what it changed would be changed again.
fn refuse_mutable(ty: &Type, errors: &mut Errors) {
    if let Type::Reference(TypeReference { mutability: Some(token), .. }) = ty {
        errors.at(token.span, "a step only reads what it borrows: take `&`, and return what is new");
    }
}

/// `Step<A> for research`, at the user's name: where an app lacks a resource rustc points there.
pub(super) fn step_for(marker: &syn::Ident) -> TokenStream {
    let p = private_at(marker.span());
    quote_spanned!(marker.span()=> #p::Step<__A> for #marker)
}

/// `Provide<Db>`, at the user's type.
pub(super) fn provide(ty: &TokenStream) -> TokenStream {
    let p = private_at(ty.span());
    quote_spanned!(ty.span()=> #p::Provide<#ty>)
}

/// The empty enum beside the function: an uninhabited type shares its name without sharing its namespace.
pub(super) fn marker(node: &NodeFn, options: &Options) -> TokenStream {
    let (vis, cfgs) = (&node.vis, node.cfgs());
    let name = options.marker.as_ref().unwrap_or(&node.sig.ident);
    let item = quote_spanned!(name.span()=> enum #name {});
    quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, dead_code, unreachable_pub, missing_debug_implementations)]
        #vis #item
    }
}

/// `const INFO: NodeInfo = ..;`
pub(super) fn info(node: &NodeFn, options: &Options, kind: TokenStream, suspends: bool, p: &TokenStream) -> TokenStream {
    let name =
        options.id.as_ref().map_or_else(|| node.sig.ident.to_string().trim_start_matches("r#").to_owned(), |id| id.value());
    let doc = node.doc();
    let blocks = options.blocking.then(|| {
        quote!(
            const BLOCKS: bool = true;
        )
    });
    quote! {
        const INFO: #p::NodeInfo = #p::NodeInfo { name: #name, kind: #p::NodeKind::#kind, doc: #doc, suspends: #suspends };
        const WAITS: bool = #suspends;
        #blocks
    }
}

/// ```text
/// struct Bound<'c> { resources }   impl Bound<'c> { fn call(self, the user's arguments) -> Call<'c> }
/// struct Call<'c> { arguments, resources }   impl Call for Call<'_> { fn attempt(..) { research(..) } }
/// impl Node for research { .. }   impl<A: Provide<Llm>> Step<A> for research { .. }
/// ```
fn implementation(node: &NodeFn, options: &Options) -> TokenStream {
    let p = private();
    let (cfgs, name) = (node.cfgs(), &node.sig.ident);
    let marker = options.marker.as_ref().unwrap_or(name);
    let Judged { judged, output, .. } = judged(node, &p);
    let info = info(node, options, quote!(Step), false, &p);
    let bound = bound(node);
    let (attempt, key) = (attempt::expand(node, options, &p), attempt::key(node, options, &p));
    let fakeable = attempt::fakeable(node, options, &p);
    let (policy, quiet) = (policy::expand(options, &p), quiet());
    let names = node.resources().map(|param| &param.name);
    let (provided, header) = (node.resource_types(), step_for(marker));
    let provide = provided.iter().map(provide);
    let perform = match options.cache {
        // A result that cannot be stored is reported once.
        Some(_) => quote!(#p::perform_cached(__cx, __at, const { &#policy }, <#p::Gate<__STORED> as #p::Pass<_>>::pass(__call))),
        None => quote!(#p::perform(__cx, __at, const { &#policy }, __call)),
    };
    quote! {
        #(#cfgs)*
        #quiet
        const _: () = {
            #judged
            #bound
            #attempt
            #key
            #fakeable
            impl #p::Node for #marker {
                type Output = #output;
                type Waits = ();
                type Kept<__T> = __T;
                type Bound<'c> = __Bound<'c>;
                type Call<'c> = __Call<'c>;
                #info
                fn waits(_: Self::Call<'_>) {}
            }
            impl<__A: ::core::marker::Sync #(+ #provide)*> #header {
                fn bind(__app: &__A) -> __Bound<'_> {
                    __Bound { #(#names: #p::Provide::provide(__app),)* __lifetime: ::core::marker::PhantomData }
                }
                fn perform<'c>(
                    __cx: &'c #p::Cx<'_, __A>,
                    __at: &'c #p::At,
                    __call: __Call<'c>,
                ) -> impl ::core::future::Future<Output = ::core::result::Result<Self::Output, #p::StepError>> + ::core::marker::Send + 'c {
                    #perform
                }
            }
        };
    }
}

/// The return type is judged twice, as a `Result` and by what it holds; whatever else depends on it has no type where it
/// is refused.
pub(super) struct Judged {
    judged: TokenStream,
    /// The return type itself.
    pub(super) ret: TokenStream,
    /// What the function gives.
    pub(super) ok: TokenStream,
    /// What the node gives.
    output: TokenStream,
}

pub(super) fn judged(node: &NodeFn, p: &TokenStream) -> Judged {
    let ty = node.output();
    let mut tokens = ty.clone().into_iter().map(|token| token.span());
    let first = tokens.next().unwrap_or_else(|| node.sig.ident.span());
    let last = tokens.last().unwrap_or(first);
    let returned = match &node.sig.output {
        ReturnType::Default => quote_spanned!(node.sig.ident.span()=> ()),
        ReturnType::Type(..) => ty,
    };
    let ret = quote!(<#p::Gate<__RETURNED> as #p::Pass<#returned>>::Through);
    // From the first to the last token of the return type, which rustc underlines.
    let (open, close) = (quote_spanned!(first=> <), quote_spanned!(last=> as #p::StepResult>::Ok));
    let ok = quote!(#open #ret #close);
    let judged = quote! {
        const __RETURNED: bool = #p::rules::returned::<#returned>();
        const __STORED: bool = #p::rules::stored::<#ok>();
    };
    let output = quote!(<#p::Gate<__STORED> as #p::Pass<#ok>>::Through);
    Judged { judged, ret, ok, output }
}

/// The resources, and the method the user's own argument list is a call of.
fn bound(node: &NodeFn) -> TokenStream {
    let resources: Vec<_> = node.resources().map(|Param { name, ty, .. }| quote!(#name: #ty)).collect();
    let resource_names: Vec<_> = node.resources().map(|param| &param.name).collect();
    let given: Vec<_> = node.given().map(|Param { name, ty, .. }| quote!(#name: #ty)).collect();
    let given_names: Vec<_> = node.given().map(|param| &param.name).collect();
    // The user's fn name: rustc notes "method defined here" under it.
    let call = syn::Ident::new("call", node.sig.ident.span());
    let vis = &node.vis;
    quote! {
        #vis struct __Bound<'c> { #(#resources,)* __lifetime: ::core::marker::PhantomData<&'c ()> }
        #vis struct __Call<'c> { #(#given,)* #(#resources,)* __lifetime: ::core::marker::PhantomData<&'c ()> }
        impl<'c> __Bound<'c> {
            pub fn #call(self, #(#given),*) -> __Call<'c> {
                __Call { #(#given_names,)* #(#resource_names: self.#resource_names,)* __lifetime: ::core::marker::PhantomData }
            }
        }
    }
}
