//! Errors as a value that is threaded through the stages and reported all at once.

use std::fmt::Display;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// What is wrong so far.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    /// Whether rustc, too, would say of the body as written what was said.
    repeats: bool,
}

impl Errors {
    /// At one token.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// At one token, of what rustc knows nothing about: it judges the body all the same.
    pub(crate) fn beside(&mut self, span: Span, message: impl Display) {
        self.push_beside(syn::Error::new(span, message));
    }

    pub(crate) fn push_beside(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// Under all of these tokens.
    pub(crate) fn under(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.found.push(error);
        self.repeats = true;
    }

    pub(crate) fn append(&mut self, others: Self) {
        self.found.extend(others.found);
        self.repeats |= others.repeats;
    }

    /// Whether rustc may judge the body beside them.
    pub(crate) fn stand_beside(&self) -> bool {
        !self.repeats
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// One `compile_error!` each.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.found.into_iter().map(|error| error.into_compile_error()).collect()
    }
}

/// For code that is not the user's. `warnings` alone would leave what the user's crate denies.
pub(crate) fn quiet() -> TokenStream {
    quote! {
        #[allow(warnings, unused, nonstandard_style, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
    }
}

/// The same tokens without their place in the source. rust-analyzer shows all that a name stands for, so what the user
/// wrote once must have its place once.
pub(crate) fn placeless(tokens: TokenStream) -> TokenStream {
    let token = |token| match token {
        TokenTree::Group(group) => TokenTree::Group(Group::new(group.delimiter(), placeless(group.stream()))),
        mut token => {
            token.set_span(Span::call_site());
            token
        }
    };
    tokens.into_iter().map(token).collect()
}

/// The line a token stands in; 0 where the code is expanded outside of a compiler, as in a unit test.
pub(crate) fn line(span: Span) -> usize {
    if proc_macro::is_available() { span.unwrap().line() } else { 0 }
}

/// `CamelCase` from `snake_case`.
pub(crate) fn pascal(name: &str) -> String {
    let mut up = true;
    let mut out = String::new();
    for c in name.trim_start_matches("r#").chars() {
        match c {
            '_' => up = true,
            c if up => {
                out.extend(c.to_uppercase());
                up = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// `snake_case` from `CamelCase`; what is snake case already stays as it is.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut before = '_';
    for c in name.trim_start_matches("r#").chars() {
        if c.is_uppercase() && before != '_' && !before.is_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_case() {
        assert_eq!(pascal("editor_review"), "EditorReview");
        assert_eq!(snake("ContentRun"), "content_run");
        assert_eq!(snake("editor_review"), "editor_review");
    }
}
