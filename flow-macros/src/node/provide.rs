//! `#[derive(Provide)]`: an app provides each of its fields.
//!
//! Rule `provide`: an app is a struct, and no two of its fields are of one type.
//!
//! ```text
//! #[derive(Provide)] struct App { red: Printer, blue: Printer }           ✗
//! #[derive(Provide)] struct App { red: RedPrinter, blue: BluePrinter }    ✓
//! ```

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Index, Member};

use super::options::Options;
use crate::diagnostic::Errors;
use crate::runtime_path::renamed;

/// ```text
/// impl Provide<Llm> for App { fn provide(&self) -> &Llm { &self.llm } }
/// ```
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let mut input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let options = Options::of_app(&mut input.attrs, &mut errors);
    let Data::Struct(data) = &input.data else {
        errors.at(
            input.ident.span(),
            "`Provide` is for a struct whose fields are the resources; implement it by hand for this type",
        );
        return errors.into_tokens();
    };
    let (name, (generics, args, bounds)) = (&input.ident, input.generics.split_for_impl());
    let mut seen: Vec<String> = Vec::new();
    let mut impls = TokenStream::new();
    for (index, field) in data.fields.iter().enumerate() {
        let ty = &field.ty;
        let text = quote!(#ty).to_string();
        if seen.contains(&text) {
            errors.under(ty, "two fields of this type: which one a step gets would be a guess; wrap one in a type of its own");
            continue;
        }
        seen.push(text);
        let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(index)), Member::Named);
        impls.extend(quote_spanned! {ty.span()=>
            #[automatically_derived]
            impl #generics ::flow_runtime::__private::Provide<#ty> for #name #args #bounds {
                fn provide(&self) -> &#ty { &self.#member }
            }
        });
    }
    let errors = errors.into_tokens();
    renamed(quote!(#impls #errors), options.krate.as_ref(), name, &[])
}
