//! Under which name generated code finds the runtime crate.
//!
//! All stages write `::flow_runtime::__private`. Where the user has given the crate another name, `crate = ::my::flow`, the
//! finished tokens are gone through once.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::{Attribute, Ident, Path};

/// What generated code may name.
pub(crate) fn private() -> TokenStream {
    quote!(::flow_runtime::__private)
}

/// The same, placed where the user wrote what it speaks of.
pub(crate) fn private_at(span: Span) -> TokenStream {
    quote_spanned!(span=> ::flow_runtime::__private)
}

/// Finds the runtime crate under the path that the user gave to what has this name. The path stands in one import: where
/// it leads nowhere, rustc says so once.
pub(crate) fn renamed(tokens: TokenStream, krate: Option<&Path>, name: &Ident, cfgs: &[&Attribute]) -> TokenStream {
    let Some(path) = krate else { return tokens };
    let door = format_ident!("__flow_of_{name}", span = Span::call_site());
    let renamed = rename(tokens, &door);
    quote! {
        #(#cfgs)*
        #[allow(unused_imports)]
        use #path::__private as #door;
        #renamed
    }
}

fn rename(tokens: TokenStream, door: &Ident) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut renamed = TokenStream::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_private(&tokens[at..]) {
            let mut door = door.clone();
            // Shown where the generated code stands.
            door.set_span(door.span().located_at(tokens[at + 5].span()));
            renamed.extend([TokenTree::Ident(door)]);
            at += 6;
            continue;
        }
        renamed.extend([match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), rename(group.stream(), door));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            token => token.clone(),
        }]);
        at += 1;
    }
    renamed
}

/// Whether the tokens begin with `::flow_runtime::__private`.
fn is_private(tokens: &[TokenTree]) -> bool {
    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    let word = |token: &TokenTree, name: &str| matches!(token, TokenTree::Ident(ident) if ident == name);
    match tokens {
        [a, b, krate, c, d, door, ..] => {
            [a, b, c, d].into_iter().all(colon) && word(krate, "flow_runtime") && word(door, "__private")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_alone_is_renamed() {
        let tokens = quote!({
            ::flow_runtime::__private::Node;
            ::flow_runtime::Error
        });
        let path = syn::parse_quote!(crate::flow);
        let expected = quote! {
            #[allow(unused_imports)]
            use crate::flow::__private as __flow_of_Buy;
            {
                __flow_of_Buy::Node;
                ::flow_runtime::Error
            }
        };
        assert_eq!(renamed(tokens, Some(&path), &format_ident!("Buy"), &[]).to_string(), expected.to_string());
    }
}
