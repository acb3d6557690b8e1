//! Whether a type borrows.

use proc_macro2::Span;
use syn::visit::Visit;
use syn::{Lifetime, TypeReference};

/// Where a type borrows, if it does for less than `'static`.
pub(crate) fn borrow(ty: &syn::Type) -> Option<Span> {
    let mut borrow = Borrow(None);
    borrow.visit_type(ty);
    borrow.0
}

struct Borrow(Option<Span>);

impl<'ast> Visit<'ast> for Borrow {
    fn visit_type_reference(&mut self, ty: &'ast TypeReference) {
        if ty.lifetime.as_ref().is_none_or(|lifetime| lifetime.ident != "static") {
            self.0.get_or_insert(ty.and_token.span);
        }
    }
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if lifetime.ident != "static" {
            self.0.get_or_insert(lifetime.span());
        }
    }
    fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
}
