//! The call of the user's function, anew for each try.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::blocking::{self, lent};
use super::options::Options;
use super::signature::{NodeFn, Param, ParamKind};
use super::step::{Judged, judged};
use crate::runtime_path::private_at;
use crate::syntax::borrow;

/// `impl Call for Call<'_> { fn attempt(..) { research(..) } }`
pub(super) fn expand(node: &NodeFn, options: &Options, p: &TokenStream) -> TokenStream {
    let name = &node.sig.ident;
    let context = node.params.iter().any(|param| param.kind == ParamKind::Context);
    let context = context.then(|| quote!(let __context = __attempt.context();));
    let (Judged { ok, .. }, faked) = (judged(node, p), faked(node, options, p));
    let call = if options.blocking { blocking::call(node, options, p) } else { call(node, options, p) };
    let future = quote_spanned!(name.span()=> impl ::core::future::Future<Output = ::core::result::Result<Self::Output, #p::StepError>> + ::core::marker::Send + 'c);
    // At the user's name: rustc points there where the future cannot be sent between threads.
    let run = quote_spanned!(name.span()=> async move { #context #call });
    quote! {
        impl #p::Call for __Call<'_> {
            type Output = #ok;
            fn attempt<'c>(&'c self, __attempt: &'c #p::Attempt<'_>) -> #future {
                #run
            }
            #faked
        }
    }
}

/// What stands in for the function in a test, and the copies of the arguments it gets.
fn faked(node: &NodeFn, options: &Options, p: &TokenStream) -> TokenStream {
    let (marker, Judged { ret, .. }) = (options.marker.as_ref().unwrap_or(&node.sig.ident), judged(node, p));
    let result = result(node, options, &quote!(__returned.await), p);
    quote! {
        fn faked(&self, __fakes: &#p::Fakes) -> ::core::option::Option<#p::Faking<::core::result::Result<Self::Output, #p::StepError>>> {
            let __returned = __fakes.call::<#marker, #ret>(self)?;
            ::core::option::Option::Some(::std::boxed::Box::pin(async move { #result }))
        }
    }
}

/// `impl Fakeable for research { .. }`, unless an argument has no copy that owns its data.
pub(super) fn fakeable(node: &NodeFn, options: &Options, p: &TokenStream) -> Option<TokenStream> {
    let types: Vec<_> = node.given().map(|param| lent(&param.ty)).collect();
    if types.iter().any(|ty| borrow(ty).is_some()) {
        return None;
    }
    let (marker, Judged { ret, .. }) = (options.marker.as_ref().unwrap_or(&node.sig.ident), judged(node, p));
    // Named twice, since `Self::Given` would be missed where `crate` is wrong.
    let given: Vec<_> = types.iter().map(|ty| quote!(<#ty as #p::Argument<__K>>::Copied)).collect();
    let copies = node.given().map(|Param { name, ty, .. }| {
        let lend = (!matches!(ty, Type::Reference(_))).then(|| quote!(&));
        let ty = lent(ty);
        quote!(<#ty as #p::Argument<__K>>::copied(#lend __call.#name))
    });
    // One argument stands alone, several are a tuple.
    Some(quote! {
        impl<__K> #p::Fakeable<__K> for #marker where #(#types: #p::Argument<__K>),* {
            type Given = (#(#given),*);
            type Returned = #ret;
            fn given(__call: &__Call<'_>) -> (#(#given),*) { (#(#copies),*) }
        }
    })
}

fn call(node: &NodeFn, options: &Options, p: &TokenStream) -> TokenStream {
    let name = &node.sig.ident;
    let args = node.params.iter().map(|Param { kind, name, ty }| match (kind, ty) {
        (ParamKind::Context, _) => quote!(&__context),
        (_, Type::Reference(_)) => quote!(self.#name),
        (_, ty) => {
            let p = private_at(ty.span());
            quote_spanned!(ty.span()=> #p::rules::again(&self.#name))
        }
    });
    result(node, options, &quote!(#name(#(#args),*).await), p)
}

/// What the function returned, with its error as data.
pub(super) fn result(node: &NodeFn, options: &Options, returned: &TokenStream, p: &TokenStream) -> TokenStream {
    let Judged { ret, .. } = judged(node, p);
    match &options.retry_if {
        Some(retry_if) => quote!(<#ret as #p::StepResult>::into_retried(#returned, #retry_if)),
        None => quote!(<#ret as #p::StepResult>::into_step_result(#returned)),
    }
}

/// `impl Keyed for Call<'_> { .. }`, for a step with a cache.
pub(super) fn key(node: &NodeFn, options: &Options, p: &TokenStream) -> Option<TokenStream> {
    options.cache?;
    let marker = options.marker.as_ref().unwrap_or(&node.sig.ident);
    let adds = node.given().map(|Param { name, ty, .. }| {
        let (p, lend) = (private_at(ty.span()), (!matches!(ty, Type::Reference(_))).then(|| quote!(&)));
        quote_spanned!(ty.span()=> #p::rules::in_key(&mut __key, #lend self.#name)?;)
    });
    Some(quote! {
        impl #p::Keyed for __Call<'_> {
            fn key(&self) -> ::core::result::Result<#p::CacheKey, #p::StepError> {
                let mut __key = #p::CacheKey::of::<#marker>();
                #(#adds)*
                ::core::result::Result::Ok(__key)
            }
        }
    })
}
