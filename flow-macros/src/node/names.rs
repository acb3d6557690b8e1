//! The names of the options, for an editor that completes them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::options::Options;
use crate::diagnostic::Errors;

/// ```text
/// #[step(retr|)]   →   use names::{retr as _};   beside a module with all names there are
/// ```
///
/// Only rust-analyzer reads it. It comes before all else, so that nothing in front of the name hangs on what is typed.
pub(crate) fn offered(options: &TokenStream, attribute: &str, known: &[&str]) -> TokenStream {
    let p = Options::parse(options.clone(), attribute, known, &mut Errors::default()).private();
    let tokens: Vec<_> = options.clone().into_iter().collect();
    let typed = tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
    let typed = typed.filter_map(|option| match option.first() {
        Some(TokenTree::Ident(name)) if name != "crate" => Some(name),
        _ => None,
    });
    let known = known.iter().filter(|name| **name != "crate").map(|name| Ident::new(name, Span::call_site()));
    quote! {
        #p::for_each_reader! { {
            const _: () = {
                use names::{#(#typed as _,)*};
                mod names { #(pub mod #known {})* }
            };
        } {} }
    }
}
