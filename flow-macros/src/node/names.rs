//! The names in the options, for an editor that completes them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// ```text
/// #[step(retr|)]             →   use names::{retr as _};   beside a module with all names there are
/// #[suspend(resume = Dec|)]  →   use names::{resume as _};  type Resume = Dec;
/// ```
///
/// It comes before all else, so that nothing in front of the name hangs on what is typed.
pub(crate) fn offered(options: &TokenStream, known: &[&str]) -> TokenStream {
    let tokens: Vec<_> = options.clone().into_iter().collect();
    let options = tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
    let (mut typed, mut values) = (Vec::new(), TokenStream::new());
    for option in options {
        let Some(TokenTree::Ident(name)) = option.first() else { continue };
        let value = option.iter().skip(2).cloned().collect::<TokenStream>();
        match name.to_string().as_str() {
            "crate" => continue,
            "resume" => values.extend(quote!(type Resume = #value;)),
            "retry_if" | "migrate" => values.extend(quote!(const _: () = { #value };)),
            _ => {}
        }
        typed.push(name);
    }
    let known = known.iter().filter(|name| **name != "crate").map(|name| Ident::new(name, Span::call_site()));
    quote! {
        const _: () = {
            use names::{#(#typed as _,)*};
            #values
            mod names { #(pub mod #known {})* }
        };
    }
}
