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
        let inner = match &param.ty {
            Type::Reference(reference) => &reference.elem,
            ty => ty,
        };
        if let Some(span) = borrow(inner) {
            errors
                .at(span, "a blocking step runs on another thread, which this could not follow: take a type that owns its data");
        }
    }
}

/// ```text
/// let image = along(self.image);   blocking(move || resize(lent(&image))).await
/// ```
pub(super) fn call(node: &NodeFn, options: &Options, p: &TokenStream) -> TokenStream {
    let name = &node.sig.ident;
    let copied = node.params.iter().filter(|param| param.kind != ParamKind::Context);
    let copies = copied.map(|Param { name, ty, .. }| {
        let (p, lend) = (private_at(ty.span()), (!matches!(ty, Type::Reference(_))).then(|| quote!(&)));
        quote_spanned!(ty.span()=> let #name = #p::rules::along(#lend self.#name);)
    });
    let args = node.params.iter().map(|Param { kind, name, ty }| match (kind, ty) {
        (ParamKind::Context, _) => quote!(&__context),
        (_, Type::Reference(reference)) => {
            let ty = &reference.elem;
            quote!(#p::rules::lent::<#ty>(&#name))
        }
        _ => quote!(#name),
    });
    let result = attempt::result(node, options, &quote!(#name(#(#args),*)), p);
    quote! {
        #(#copies)*
        #p::blocking(move || #result).await
    }
}
