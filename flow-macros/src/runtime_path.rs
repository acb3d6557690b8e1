//! Under which name generated code finds the runtime crate.
//!
//! All stages write `::flow_runtime::__private`. Where the user has given the crate another name, `crate = ::my::flow`, the
//! finished tokens are gone through once.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

/// What generated code may name.
pub(crate) fn private() -> TokenStream {
    quote!(::flow_runtime::__private)
}

/// The same, placed where the user wrote what it speaks of.
pub(crate) fn private_at(span: Span) -> TokenStream {
    quote_spanned!(span=> ::flow_runtime::__private)
}

/// Finds the runtime crate under the path that the user gave.
pub(crate) fn renamed(tokens: TokenStream, krate: Option<&Path>) -> TokenStream {
    match krate {
        Some(path) => rename(tokens, &path.to_token_stream()),
        None => tokens,
    }
}

fn rename(tokens: TokenStream, path: &TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut renamed = TokenStream::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_private(&tokens[at..]) {
            renamed.extend(path.clone().into_iter().map(|part| moved(part, tokens[at + 2].span())));
            at += 3;
            continue;
        }
        renamed.extend([match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), rename(group.stream(), path));
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

/// A token of the user's path, shown where the generated code stands. It counts as generated, so that no lint speaks of it;
/// `$crate` alone means something only where it was written.
fn moved(mut token: TokenTree, to: Span) -> TokenTree {
    let written = matches!(&token, TokenTree::Ident(ident) if ident == "$crate");
    let resolved = if written { token.span() } else { Span::call_site() };
    token.set_span(resolved.located_at(to));
    token
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
        let expected = quote!({
            crate::flow::__private::Node;
            ::flow_runtime::Error
        });
        assert_eq!(renamed(tokens, Some(&path)).to_string(), expected.to_string());
    }
}
