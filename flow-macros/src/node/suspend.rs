//! `#[suspend(resume = T)]`: a place where a run waits for an answer from outside.
//!
//! Rule `suspend_attribute`: it names the type of the answer, and the function returns at once what is shown meanwhile.
//! Nothing in it fails, so it has no `retries`, and it does nothing while it waits, so it has no `timeout`: how long an answer may
//! take is its `deadline`.
//!
//! ```text
//! #[suspend] async fn approval(draft: &Draft) -> &Draft { .. }                ✗
//! #[suspend(resume = bool)] fn approval(draft: &Draft) -> Draft { .. }        ✓
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::options::{self, Options};
use super::signature::{NodeFn, Param, ParamKind};
use super::step::{info, marker, provide, step_for};
use super::{names, policy, refused};
use crate::diagnostic::{Errors, placeless, quiet};
use crate::runtime_path::{private, private_at, renamed};

pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let (function, node) = parts(options, item);
    quote!(#function #node)
}

/// For rust-analyzer: the names of the options, and the function alone with its place in the source.
pub(crate) fn in_editor(options: TokenStream, item: TokenStream) -> TokenStream {
    let names = names::offered(&options, options::SUSPEND);
    let (function, node) = parts(options, item);
    let node = placeless(node);
    quote!(#names #function #node)
}

/// The user's function, and the node beside it.
fn parts(options: TokenStream, item: TokenStream) -> (TokenStream, TokenStream) {
    let mut errors = Errors::default();
    let options = Options::parse(options, "suspend", options::SUSPEND, &mut errors);
    let mut node: NodeFn = match syn::parse2(item.clone()) {
        Ok(node) => node,
        Err(_) => return (refused::no_function(item, "a `#[suspend]` is an `fn` that says what to show"), TokenStream::new()),
    };
    node.read_params("suspend", &mut errors);
    if let Some(token) = node.sig.asyncness {
        errors.at(
            token.span,
            "a `#[suspend]` function only says what to show: write `fn`, and do the work in a `#[step]` before it",
        );
    }
    if errors.is_empty() && options.resume.is_none() {
        errors.at(node.sig.ident.span(), "say what resumes it: `#[suspend(resume = Decision)]`");
    }
    for param in node.params.iter().filter(|param| param.kind == ParamKind::Context) {
        errors.at(param.name.span(), "a `#[suspend]` function runs once, on entry: it has no `#[context]`");
    }
    if !errors.is_empty() {
        return (refused::expand(&node, &options, true, errors), TokenStream::new());
    }
    let (item, marker) = (node.item(), marker(&node, &options));
    let implementation = implementation(&node, &options);
    let krate = options.krate.as_ref();
    (item, renamed(quote!(#marker #implementation), krate, &node.sig.ident, &node.cfgs()))
}

/// ```text
/// struct Bound<'c> { resources }   impl Bound<'c> { fn call(self, the user's arguments) -> Shown { editor_review(..) } }
/// impl Node for editor_review { type Output = Decision; type Waits = Shown; .. }
/// ```
fn implementation(node: &NodeFn, options: &Options) -> TokenStream {
    let (p, resume) = (private(), &options.resume);
    let (cfgs, name, shown) = (node.cfgs(), &node.sig.ident, node.output());
    let kept = |gate: TokenStream, ty: TokenStream| quote!(<#p::Gate<#gate> as #p::Pass<#ty>>::Through);
    let (kept_resume, kept_shown) = (kept(quote!(__RESUMES), quote!(#resume)), kept(quote!(__SHOWS), quote!(#shown)));
    let marker = options.marker.as_ref().unwrap_or(name);
    let info = info(node, options, quote!(Suspend), true, &p);
    let resources: Vec<_> = node.resources().map(|Param { name, ty, .. }| quote!(#name: #ty)).collect();
    let names: Vec<_> = node.resources().map(|param| &param.name).collect();
    let given = node.given().map(|Param { name, ty, .. }| quote!(#name: #ty));
    let args = node.params.iter().map(|param| {
        let name = &param.name;
        if param.kind == ParamKind::Given { quote!(#name) } else { quote!(self.#name) }
    });
    let provide: Vec<_> = node.resource_types().iter().map(provide).collect();
    let (call, vis, quiet) = (syn::Ident::new("call", name.span()), &node.vis, quiet());
    let (at, header) = (private_at(name.span()), step_for(marker));
    let suspends = quote_spanned!(name.span()=> impl #at::Suspends for #marker { type Shown = #kept_shown; });
    let waits = waits(&p, options, &kept_shown);
    quote! {
        #(#cfgs)*
        #quiet
        const _: () = {
            const __RESUMES: bool = #p::rules::stored::<#resume>();
            const __SHOWS: bool = #p::rules::stored::<#shown>();
            #vis struct __Bound<'c> { #(#resources,)* __lifetime: ::core::marker::PhantomData<&'c ()> }
            impl<'c> __Bound<'c> {
                pub fn #call(self, #(#given),*) -> #shown { #name(#(#args),*) }
            }
            impl #p::Node for #marker {
                type Output = #kept_resume;
                type Kept<__T> = ();
                type Bound<'c> = __Bound<'c>;
                type Call<'c> = #shown;
                #info
                #waits
                fn accepts(__node: &str, __payload: &#p::Json) -> ::core::option::Option<::core::result::Result<(), ::std::string::String>> {
                    #p::accepts::<Self>(__node, __payload)
                }
            }
            #suspends
            impl<__A: ::core::marker::Sync #(+ #provide)*> #header {
                fn bind(__app: &__A) -> __Bound<'_> {
                    __Bound { #(#names: #p::Provide::provide(__app),)* __lifetime: ::core::marker::PhantomData }
                }
                fn perform<'c>(
                    _: &'c #p::Cx<'_, __A>,
                    _: &'c #p::At,
                    _: Self::Call<'c>,
                ) -> impl ::core::future::Future<Output = ::core::result::Result<Self::Output, #p::StepError>> + ::core::marker::Send + 'c {
                    #p::only_waits::<Self>()
                }
            }
        };
    }
}

/// What the place keeps: what is shown, and with a `deadline` the time when it is too late.
fn waits(p: &TokenStream, options: &Options, shown: &TokenStream) -> TokenStream {
    let Some(limit) = options.deadline else {
        return quote! {
            type Waits = #shown;
            fn waits(__shown: Self::Call<'_>) -> Self::Waits { __shown }
        };
    };
    let limit = policy::time(limit);
    quote! {
        type Waits = #p::Until<#shown>;
        fn waits(__shown: Self::Call<'_>) -> Self::Waits { #p::Until::from_now(#limit, __shown) }
        fn waits_from(__shown: Self::Call<'_>, __now: ::std::time::SystemTime) -> Self::Waits {
            #p::Until::after(#limit, __shown, __now)
        }
        fn waits_for(__waits: &Self::Waits) -> #p::WaitsFor { __waits.waits_for() }
        fn shows(__waits: &Self::Waits) -> ::core::result::Result<#p::Json, #p::JsonError> { __waits.shows() }
    }
}
