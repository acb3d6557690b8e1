//! What rust-analyzer is shown of a workflow: the body in an async fn, and no machine.
//!
//! To complete a name, rust-analyzer expands the macro twice: with the text as it is, and with a made-up name at the
//! cursor. It takes the cursor to be at the same offset in both. The one often parses and the other does not. So the body
//! goes from tokens to tokens and is never parsed, and what comes out before the cursor hangs on nothing that stands at it:
//! a name comes first, and what is made of it after it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::private;
use crate::diagnostic::placeless;
use crate::syntax::Workflow;

/// ```text
/// pub async fn Content(brief: Brief) -> Result<Article, Error> { .. }
/// ```
pub(super) fn body_fn(workflow: &Workflow, krate: &TokenStream) -> TokenStream {
    let Workflow { attrs, vis, name, input, output, binding, body, .. } = workflow;
    let (p, body) = (private(), statements(body.tokens()));
    quote! {
        #(#attrs)*
        #[allow(warnings)]
        #vis async fn #name(#binding: #input) -> ::core::result::Result<#output, #krate::Error> {
            use #p::editor::Followed as _;
            #body
        }
    }
}

/// The body: calls of nodes and joins as what rust-analyzer can follow, the rest as it stands.
fn statements(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut out = TokenStream::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += if let Some(label) = label(&tokens[at..]) {
            label
        } else if is_binding_mut(&tokens, at) {
            1
        } else if let Some(path) = path(&tokens, at) {
            path_or_place(&tokens[at..], path, &mut out)
        } else {
            out.extend(inside(token));
            1
        };
    }
    out
}

/// How many tokens it took: `path(..).await`, `join!(..)`, or the path alone.
fn path_or_place(tokens: &[TokenTree], path: usize, out: &mut TokenStream) -> usize {
    let (name, rest) = tokens.split_at(path);
    match rest {
        [TokenTree::Group(args), TokenTree::Punct(dot), TokenTree::Ident(awaits), ..]
            if args.delimiter() == Delimiter::Parenthesis && dot.as_char() == '.' && awaits == "await" =>
        {
            out.extend(call(name, args));
            path + 1
        }
        [TokenTree::Punct(bang), TokenTree::Group(arms), ..] if bang.as_char() == '!' && arms_of(name, arms).is_some() => {
            out.extend(arms_of(name, arms));
            path + 2
        }
        _ => {
            out.extend(name.iter().cloned());
            path
        }
    }
}

/// ```text
/// research.__node(here::<research>()).call(&brief).__answer(here::<research>())
/// ```
fn call(name: &[TokenTree], args: &Group) -> TokenStream {
    let (p, value): (_, TokenStream) = (private(), name.iter().cloned().collect());
    let (node, args) = (placeless(value.clone()), inside(&TokenTree::Group(args.clone())));
    let here = quote!((#p::editor::here::<#node>()));
    quote!(#value.__node #here.call #args.__answer #here)
}

/// What one of our macros becomes.
fn arms_of(path: &[TokenTree], arms: &Group) -> Option<TokenStream> {
    let (TokenTree::Ident(krate), TokenTree::Ident(name)) = (path.first()?, path.last()?) else { return None };
    if path.len() > 1 && krate != "flow_runtime" {
        return None;
    }
    let tokens: Vec<_> = arms.stream().into_iter().collect();
    match name.to_string().as_str() {
        kind @ ("join" | "try_join") => Some(join(kind, &tokens)),
        kind @ ("join_all" | "try_join_all") => Some(join_all(kind, &tokens)),
        "select" => Some(select(&tokens)),
        _ => None,
    }
}

/// `join((arm, arm,))`
fn join(kind: &str, tokens: &[TokenTree]) -> TokenStream {
    let (p, kind) = (private(), Ident::new(kind, Span::call_site()));
    let arms = tokens.split(|token| is(token, ',')).filter(|arm| !arm.is_empty()).map(arm);
    quote!(#p::editor::#kind((#(#arms,)*)))
}

/// `join_all(&items, |item| arm, limit)`
fn join_all(kind: &str, tokens: &[TokenTree]) -> TokenStream {
    let (p, kind) = (private(), Ident::new(kind, Span::call_site()));
    let (items, rest) = split(tokens, |token| is(token, ','));
    let items = statements(items.iter().cloned().collect());
    let Some([open, rest @ ..]) = rest.filter(|rest| rest.first().is_some_and(|token| is(token, '|'))) else {
        let rest = statements(rest.unwrap_or_default().iter().cloned().collect());
        return quote!(#p::editor::#kind(#items, #rest));
    };
    let (item, rest) = split(rest, |token| is(token, '|'));
    let (body, limit) = split(rest.unwrap_or_default(), |token| is(token, ','));
    let (item, body) = (item.iter().cloned().collect::<TokenStream>(), arm(body));
    let limit = limit.map(|limit| split(limit, |token| is(token, '=')).1.unwrap_or(limit)).unwrap_or_default();
    let limit = statements(limit.iter().cloned().collect());
    quote!(#p::editor::#kind(#items, #open #item | #body, (#limit)))
}

/// ```text
/// { if ever() { let won = node(..).await; handler } else if .. else { not_built() } }
/// ```
fn select(tokens: &[TokenTree]) -> TokenStream {
    let p = private();
    let mut rest = tokens;
    let mut out = TokenStream::new();
    while !rest.is_empty() {
        let comma = rest.iter().position(|token| is(token, ',')).unwrap_or(rest.len());
        let block = rest.windows(3).position(|three| {
            is(&three[0], '=')
                && is(&three[1], '>')
                && matches!(&three[2], TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
        });
        let end = block.map_or(comma, |arrow| comma.min(arrow + 3));
        out.extend(select_arm(&rest[..end]));
        rest = &rest[end..];
        rest = if rest.first().is_some_and(|token| is(token, ',')) { &rest[1..] } else { rest };
    }
    quote!({ #out { #p::not_built() } })
}

fn select_arm(tokens: &[TokenTree]) -> TokenStream {
    let p = private();
    let (pat, rest) = split(tokens, |token| is(token, '='));
    let pat: TokenStream = pat.iter().cloned().collect();
    let rest = rest.unwrap_or_default();
    let arrow = rest.windows(2).position(|two| is(&two[0], '=') && is(&two[1], '>')).unwrap_or(rest.len());
    let node = arm(&rest[..arrow]);
    let handler = statements(rest.iter().skip(arrow + 2).cloned().collect());
    quote!(if #p::rules::ever() { let #pat = #node.await; #handler } else)
}

/// Before the first such token, and behind it.
fn split(tokens: &[TokenTree], found: impl Fn(&TokenTree) -> bool) -> (&[TokenTree], Option<&[TokenTree]>) {
    match tokens.iter().position(found) {
        Some(at) => (&tokens[..at], Some(&tokens[at + 1..])),
        None => (tokens, None),
    }
}

fn is(token: &TokenTree, punct: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == punct)
}

/// `node(..)`, `async { .. }`, or what is going to be one.
fn arm(tokens: &[TokenTree]) -> TokenStream {
    let tokens = label(tokens).map_or(tokens, |label| &tokens[label..]);
    match (path(tokens, 0), tokens) {
        (_, [TokenTree::Ident(word), .., TokenTree::Group(block)])
            if word == "async" && tokens.len() <= 3 && block.delimiter() == Delimiter::Brace =>
        {
            let block = statements(tokens.iter().cloned().collect());
            quote!(#block.__arm())
        }
        (Some(end), _) => match &tokens[end..] {
            [TokenTree::Group(args)] if args.delimiter() == Delimiter::Parenthesis => call(&tokens[..end], args),
            _ => statements(tokens.iter().cloned().collect()),
        },
        _ => statements(tokens.iter().cloned().collect()),
    }
}

/// The `mut` before the name of a variable: where it stands, rust-analyzer renames `mut name` instead of the name. What it
/// would allow, nobody judges here.
fn is_binding_mut(tokens: &[TokenTree], at: usize) -> bool {
    let begins = match at.checked_sub(1).map(|before| &tokens[before]) {
        None => true,
        Some(TokenTree::Ident(word)) => word == "let" || word == "for",
        Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ',' | '|'),
        Some(_) => false,
    };
    begins && matches!(&tokens[at], TokenTree::Ident(word) if word == "mut")
}

/// How many tokens `#[at(..)]` takes, if it stands here.
fn label(tokens: &[TokenTree]) -> Option<usize> {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(attr), ..] if hash.as_char() == '#' => {
            let first = attr.stream().into_iter().next();
            matches!(first, Some(TokenTree::Ident(name)) if name == "at").then_some(2)
        }
        _ => None,
    }
}

/// How many tokens the path takes that begins here: `steps::research`, `signal::<Order>`. A field or a method is none.
fn path(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let after_dot = at > 0 && is(&tokens[at - 1], '.') && !(at > 1 && is(&tokens[at - 2], '.'));
    if after_dot || !matches!(tokens.get(at), Some(TokenTree::Ident(_))) {
        return None;
    }
    let mut end = at + 1;
    while is_punct(tokens, end, ':') && is_punct(tokens, end + 1, ':') {
        end = match tokens.get(end + 2) {
            Some(TokenTree::Ident(_)) => end + 3,
            Some(TokenTree::Punct(angle)) if angle.as_char() == '<' => closed(tokens, end + 2)?,
            _ => break,
        };
    }
    Some(end - at)
}

/// Behind the `>` that closes the `<` here.
fn closed(tokens: &[TokenTree], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if let TokenTree::Punct(punct) = token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' => depth = depth.checked_sub(1)?,
                ';' => return None,
                _ => {}
            }
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

fn is_punct(tokens: &[TokenTree], at: usize, punct: char) -> bool {
    tokens.get(at).is_some_and(|token| is(token, punct))
}

/// The same in the braces of a group.
fn inside(token: &TokenTree) -> TokenStream {
    match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), statements(group.stream()));
            inner.set_span(group.span());
            inner.into_token_stream()
        }
        token => token.to_token_stream(),
    }
}

#[cfg(test)]
mod tests {
    const BODY: &str = "let found = research ( &brief ) .await ? ;
        let ( mut a , b ) = try_join! ( compose ( &found ) , #[at(x)] async { let c = fetch ( a ) .await ? ; Ok ( c ) } ) ? ;
        let many = join_all! ( &found.pages , |page| fetch ( page ) , limit = 4 ) ;
        let won = select! { seen = review ( &a ) => seen ? , _ = steps::wait ( ) => { b } } ;
        match found.kind { Kind::Low => revise ( &a ) .await ? , Kind::High => b , } ;
        while !won { won = #[at(again)] review ( &a ) .await ? ; }
        Ok ( a )";

    /// What rust-analyzer relies on, for whatever is typed at whatever place.
    #[test]
    fn what_stands_before_the_cursor_is_the_same_with_a_name_at_it() {
        // No name can follow a call, or stand between a macro's `!` and its arguments. A further arm of a `select!` begins
        // with a pattern, where there is nothing to complete.
        let typable = |at: &usize| !BODY[..*at].ends_with([')', '!']) && !BODY[..*at].ends_with("{ b }");
        let gaps: Vec<_> = BODY.match_indices(' ').map(|(at, _)| at).filter(typable).collect();
        let mut compared = 0;
        for at in gaps {
            for typed in ["", "foun", "found.", "found.no", "&", "research(&brief).await?.", "x = ", "Kind::", "compose(&found, "]
            {
                let [now, completed] = ["", "made_up"].map(|name| {
                    let close = if typed.ends_with("(&found, ") { ")" } else { "" };
                    let text = format!("W<Brief -> Draft>(brief) {{ {} {typed}{name}{close} {} }}", &BODY[..at], &BODY[at..]);
                    let expansion = crate::workflow::in_editor(text.parse().unwrap()).to_string();
                    expansion.split_whitespace().collect::<String>()
                });
                // `limit` is a word of ours, and so is what stands before its `=`.
                // What is wrong is told behind everything else, and may name it too.
                let code = completed.split("::core::compile_error!").next().unwrap_or_default();
                let Some(cursor) = code.find("made_up") else {
                    assert!([" limit", " = 4"].iter().any(|rest| BODY[at..].starts_with(rest)), "at `{}{typed}|`", &BODY[..at]);
                    continue;
                };
                assert_eq!(now.get(..cursor), Some(&completed[..cursor]), "at `{}{typed}|`", &BODY[..at]);
                compared += 1;
            }
        }
        assert!(compared > 500, "only {compared} places");
    }
}
