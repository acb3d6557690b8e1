//! Rule `size`: a body awaits at 256 places at most; a longer one is cut into workflows that await each other.
//!
//! ```text
//! a().await?; b().await?; .. 300 of them          ✗
//! first_half(&brief).await?; second_half(&brief).await?      ✓
//! ```
//!
//! What follows a place is lowered inside of it, and what a compiler gives a macro of its stack has an end.

use proc_macro2::{Ident, TokenStream, TokenTree};

const MOST: usize = 256;

/// The first place that is one too many.
pub(crate) fn too_many(body: TokenStream) -> Option<syn::Error> {
    let mut left = MOST;
    let place = first_beyond(body, &mut left)?;
    Some(syn::Error::new(
        place.span(),
        format!("this body awaits at more than {MOST} places; move a part of it into a workflow of its own, and await that"),
    ))
}

fn first_beyond(tokens: TokenStream, left: &mut usize) -> Option<Ident> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                if let Some(place) = first_beyond(group.stream(), left) {
                    return Some(place);
                }
            }
            TokenTree::Ident(name) => {
                let called = matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '!');
                let runs_arms = ["join", "try_join", "join_all", "try_join_all", "select"].iter().any(|arms| name == arms);
                if name != "await" && !(called && runs_arms) {
                    continue;
                }
                match left.checked_sub(1) {
                    Some(less) => *left = less,
                    None => return Some(name),
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}
