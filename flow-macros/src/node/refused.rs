//! What stands for a node whose attribute or signature is wrong.

use proc_macro2::TokenStream;
use quote::quote;
use syn::FnArg;

use super::options::Options;
use super::signature::NodeFn;
use super::step::marker;
use crate::diagnostic::{Errors, quiet};
use crate::runtime_path::{private, renamed};

/// The function as it is, and a node that may be named anywhere. Its types hang on a constant that is refused, so they
/// are no types, and rustc says nothing about what is made of them.
pub(super) fn expand(node: &NodeFn, options: &Options, suspends: bool, errors: Errors) -> TokenStream {
    let (item, errors) = (node.item(), errors.into_tokens());
    if node.sig.inputs.iter().any(|input| matches!(input, FnArg::Receiver(_))) {
        // Inside of an `impl` there can be no other items.
        return quote!(#item #errors);
    }
    let (p, cfgs, enumeration) = (private(), node.cfgs(), marker(node, options));
    let name = options.marker.as_ref().unwrap_or(&node.sig.ident);
    let none = quote!(<#p::Gate<__REFUSED> as #p::Pass<()>>::Through);
    let quiet = quiet();
    let suspends = suspends.then(|| quote!(impl #p::Suspends for #name { type Shown = #none; }));
    let tokens = quote! {
        #item
        #enumeration
        #(#cfgs)*
        #quiet
        const _: () = {
            const __REFUSED: bool = { #errors true };
            impl #p::Node for #name {
                type Output = #none;
                type Waits = #none;
                type Kept<__T> = __T;
                type Bound<'c> = #none;
                type Call<'c> = #none;
                const INFO: #p::NodeInfo = #p::NodeInfo { name: "", kind: #p::NodeKind::Step, doc: "", suspends: false };
                const WAITS: bool = false;
                fn waits(_: Self::Call<'_>) -> Self::Waits { #p::not_built() }
            }
            #suspends
            impl<__A: ::core::marker::Sync> #p::Step<__A> for #name {
                fn bind(_: &__A) -> Self::Bound<'_> { #p::not_built() }
                fn perform<'c>(
                    _: &'c #p::Cx<'_, __A>,
                    _: &'c #p::At,
                    _: Self::Call<'c>,
                ) -> impl ::core::future::Future<Output = ::core::result::Result<Self::Output, #p::StepError>> + ::core::marker::Send + 'c {
                    #p::only_waits::<Self>()
                }
            }
        };
    };
    renamed(tokens, options.krate.as_ref(), name, &cfgs)
}

/// An attribute on something that is no function; what does not parse at all goes out as it came, and rustc reports it.
pub(super) fn no_function(item: TokenStream, message: &str) -> TokenStream {
    match syn::parse2::<syn::Item>(item.clone()) {
        Ok(syn::Item::Fn(_) | syn::Item::Verbatim(_)) | Err(_) => item,
        Ok(other) => {
            let mut errors = Errors::default();
            errors.under(signature(&other), message);
            let errors = errors.into_tokens();
            quote!(#item #errors)
        }
    }
}

/// The tokens of an item before its braces.
fn signature(item: &syn::Item) -> TokenStream {
    quote!(#item)
        .into_iter()
        .take_while(
            |token| !matches!(token, proc_macro2::TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace),
        )
        .collect()
}
