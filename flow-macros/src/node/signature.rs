//! The signature of a node's function: which parameters the workflow gives, and which come from the app.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::visit_mut::VisitMut;
use syn::{Attribute, FnArg, GenericParam, Ident, Lifetime, Pat, ReturnType, Signature, Type, TypeReference, Visibility};

use crate::diagnostic::Errors;
use crate::syntax::borrow;

/// A function whose body nobody looks into, so that a half-typed one still expands.
pub(crate) struct NodeFn {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: TokenStream,
    pub(crate) params: Vec<Param>,
}

pub(crate) struct Param {
    pub(crate) kind: ParamKind,
    /// The name the user gave it, if it has one.
    pub(crate) name: Ident,
    /// The type with every elided lifetime written as `'c`.
    pub(crate) ty: Type,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParamKind {
    Given,
    Resource,
    Context,
}

impl Parse for NodeFn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let (vis, sig) = (input.parse()?, input.parse()?);
        Ok(Self { attrs, vis, sig, body: input.parse()?, params: Vec::new() })
    }
}

impl NodeFn {
    /// Takes the markers off the parameters and checks what a node cannot have.
    pub(crate) fn read_params(&mut self, attribute: &str, errors: &mut Errors) {
        for (index, input) in self.sig.inputs.iter_mut().enumerate() {
            let FnArg::Typed(param) = input else {
                errors.under(
                    &*input,
                    format!("a `#[{attribute}]` is a free function: take what it needs as a `#[resource]` parameter"),
                );
                continue;
            };
            if let Some(cfg) = param.attrs.iter().find(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")) {
                errors.under(cfg, format!("a parameter cannot be conditional: write one `#[{attribute}]` for each case"));
            }
            let kind = take_kind(&mut param.attrs);
            let name = match &*param.pat {
                Pat::Ident(pat) => pat.ident.clone(),
                _ => format_ident!("arg{index}"),
            };
            if let Type::ImplTrait(ty) = &*param.ty {
                errors.under(ty, format!("a `#[{attribute}]` takes no `impl Trait`: name the type"));
            }
            if kind != ParamKind::Given && !matches!(&*param.ty, Type::Reference(_)) {
                let ty = param.ty.to_token_stream();
                errors.under(&param.ty, format!("a resource or context is lent to the function: write `&{ty}`"));
            }
            let mut ty = (*param.ty).clone();
            Elided.visit_type_mut(&mut ty);
            self.params.push(Param { kind, name, ty });
        }
        self.refuse_generics(attribute, errors);
        self.refuse_borrowed_output(attribute, errors);
    }

    fn refuse_generics(&self, attribute: &str, errors: &mut Errors) {
        for param in &self.sig.generics.params {
            if !matches!(param, GenericParam::Lifetime(_)) {
                let message =
                    format!("a `#[{attribute}]` cannot be generic: write one function for each type, around a generic one");
                errors.under(param, message);
            }
        }
    }

    fn refuse_borrowed_output(&self, attribute: &str, errors: &mut Errors) {
        let ReturnType::Type(_, ty) = &self.sig.output else { return };
        if let Some(span) = borrow(ty) {
            let message = "is stored, so it must own its data: return a type such as `String` for `&str`";
            errors.at(span, format!("the output of a `#[{attribute}]` {message}"));
        } else if let Type::ImplTrait(ty) = &**ty {
            let message =
                format!("the output of a `#[{attribute}]` is stored, so its type must have a name: write it for `impl`");
            errors.at(ty.impl_token.span, message);
        }
    }

    pub(crate) fn given(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.kind == ParamKind::Given)
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|param| param.kind == ParamKind::Resource)
    }

    /// The type behind the reference of each resource.
    pub(crate) fn resource_types(&self) -> Vec<TokenStream> {
        self.resources()
            .map(|param| match &param.ty {
                Type::Reference(reference) => reference.elem.to_token_stream(),
                ty => ty.to_token_stream(),
            })
            .collect()
    }

    pub(crate) fn output(&self) -> TokenStream {
        match &self.sig.output {
            ReturnType::Default => quote!(()),
            ReturnType::Type(_, ty) => ty.to_token_stream(),
        }
    }

    /// The function as the user wrote it.
    pub(crate) fn item(&self) -> TokenStream {
        let Self { attrs, vis, sig, body, .. } = self;
        quote!(#(#attrs)* #vis #sig #body)
    }

    /// The doc comment's text.
    pub(crate) fn doc(&self) -> String {
        doc(&self.attrs)
    }

    /// The `cfg`s, which every generated item has to carry too.
    pub(crate) fn cfgs(&self) -> Vec<&Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
    }
}

/// The text of a doc comment.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        syn::Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn take_kind(attrs: &mut Vec<Attribute>) -> ParamKind {
    let mut kind = ParamKind::Given;
    attrs.retain(|attr| {
        if attr.path().is_ident("resource") {
            kind = ParamKind::Resource;
        } else if attr.path().is_ident("context") {
            kind = ParamKind::Context;
        } else {
            return true;
        }
        false
    });
    kind
}

/// Writes `'c` for every lifetime but `'static`: a call lives as long as what it borrows.
struct Elided;

impl VisitMut for Elided {
    fn visit_type_reference_mut(&mut self, ty: &mut TypeReference) {
        let lifetime = ty.lifetime.get_or_insert_with(|| Lifetime::new("'_", ty.and_token.span));
        if lifetime.ident != "static" {
            *lifetime = Lifetime::new("'c", lifetime.span());
        }
        self.visit_type_mut(&mut ty.elem);
    }
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident != "static" {
            *lifetime = Lifetime::new("'c", lifetime.span());
        }
    }
    fn visit_type_fn_ptr_mut(&mut self, _: &mut syn::TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut syn::ParenthesizedGenericArguments) {}
}
