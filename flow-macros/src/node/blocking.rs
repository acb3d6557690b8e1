//! `#[step(blocking)]`: the function runs on a thread that may block, with a copy of each parameter.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::attempt;
use super::options::Options;
use super::signature::{NodeFn, Param, ParamKind};
use crate::diagnostic::Errors;
use crate::runtime_path::private_at;
use crate::syntax::borrow;

/// The thread may outlive the run, so nothing that is lent for less reaches it: `&T` is copied, `Vec<&T>` cannot be.
pub(super) fn refuse(node: &NodeFn, errors: &mut Errors) {
    for param in &node.params {
        if let Some(span) = borrow(lent(&param.ty)) {
            errors
                .at(span, "a blocking step runs on another thread, and what is borrowed here cannot go there: take a type that owns its data, such as `String` for `&str`");
        }
    }
}

/// What is copied of a parameter.
pub(super) fn lent(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    }
}

/// ```text
/// let image = along(self.image);   blocking(move || resize(lent(&image))).await
/// ```
pub(super) fn call(node: &NodeFn, options: &Options, p: &TokenStream) -> TokenStream {
    let name = &node.sig.ident;
    let taken: Vec<_> = node.params.iter().filter(|param| param.kind != ParamKind::Context).collect();
    let judged = taken.iter().map(|Param { name, ty, .. }| {
        let (p, lend) = (private_at(ty.span()), (!matches!(ty, Type::Reference(_))).then(|| quote!(&)));
        quote_spanned!(ty.span()=> #p::rules::copied(#lend __call.#name);)
    });
    let copies = taken.iter().map(|Param { name, ty, .. }| {
        let lend = (!matches!(ty, Type::Reference(_))).then(|| quote!(&));
        quote!(let #name = #p::rules::along(<#p::Gate<__COPIED> as #p::Pass<_>>::pass(#lend self.#name));)
    });
    let args = node.params.iter().map(|Param { kind, name, ty }| match (kind, ty) {
        (ParamKind::Context, _) => quote!(&__context),
        (_, Type::Reference(reference)) => {
            let ty = &reference.elem;
            quote!(#p::rules::lent::<#ty, _>(&#name))
        }
        _ => quote!(#name),
    });
    let result = attempt::result(node, options, &quote!(#name(#(#args),*)), p);
    quote! {
        // Whether each can be copied is judged once.
        const __COPIED: bool = {
            let _ = |__call: &__Call<'_>| { #(#judged)* };
            true
        };
        #(#copies)*
        #p::blocking(move || #result).await
    }
}
