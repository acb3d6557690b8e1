//! `select!`: its handlers are the arms of a `match` on whichever arm was first.
//!
//! Rule `select`: an arm is `pattern = node(..) => expression`, without `.await`, `if` and `else`; there are two or more.
//!
//! ```text
//! select! { seen = review(&draft).await? => seen, else => late }            ✗
//! select! { seen = review(&draft) => seen?, _ = sleep(WEEK) => late }       ✓
//! ```
//!
//! What it becomes:
//!
//! ```text
//! select! {                                match __flow_select!(review(&draft), sleep(WEEK)) {
//!     seen = review(&draft) => seen?,          (Some(won), _) => { let seen = won; seen? }
//!     _ = sleep(WEEK) => return Ok(late),      (_, Some(won)) => { let _ = won; return Ok(late) }
//! }                                            _ => unreachable!() }
//! ```

use proc_macro2::{Delimiter, Group};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, ExprMacro, Macro, Pat, Token, parse_quote_spanned};

use super::place::SELECT_ARMS;

pub(super) fn is_select(mac: &Macro) -> bool {
    mac.path.segments.last().is_some_and(|last| last.ident == "select")
}

/// The `match` that a `select!` is.
pub(super) fn as_match(select: &ExprMacro) -> syn::Result<Expr> {
    let arms = arms(&select.mac)?;
    let span = select.mac.path.span();
    let (nodes, attrs) = (arms.iter().map(|arm| &arm.node), &select.attrs);
    let name = format_ident!("{SELECT_ARMS}", span = span);
    let count = arms.len();
    let cases = arms.iter().enumerate().map(|(index, Arm { pat, handler, .. })| {
        let won = format_ident!("__flow_won", span = pat.span());
        let slots = (0..count).map(|at| if at == index { quote!(::core::option::Option::Some(#won)) } else { quote!(_) });
        quote_spanned!(pat.span()=> (#(#slots,)*) => { let #pat = #won; #handler })
    });
    // In the user's braces, so that the whole `select!` is the expression for rustc and clippy.
    let mut body = Group::new(Delimiter::Brace, quote_spanned!(span=> #(#cases)* _ => ::core::unreachable!()));
    body.set_span(select.mac.delimiter.span().join());
    Ok(parse_quote_spanned!(span=> match #(#attrs)* #name!(#(#nodes),*) #body))
}

struct Arm {
    pat: Pat,
    node: Expr,
    handler: Expr,
}

/// What is wrong with a `select!`, if anything is.
pub(super) fn refused(mac: &Macro) -> syn::Error {
    match arms(mac) {
        Ok(_) => syn::Error::new(mac.path.span(), "a `select!` cannot stand here: put it into a `let` before"),
        Err(error) => error,
    }
}

fn arms(mac: &Macro) -> syn::Result<Vec<Arm>> {
    let all = |input: ParseStream<'_>| {
        let mut arms = Vec::new();
        while !input.is_empty() {
            arms.push(input.parse()?);
        }
        Ok(arms)
    };
    let arms: Vec<Arm> = mac.parse_body_with(all)?;
    if arms.len() < 2 {
        return Err(syn::Error::new(mac.path.span(), "a `select!` has two arms or more: `pattern = node(..) => expression`"));
    }
    Ok(arms)
}

/// A pattern that picks a case leaves others, for which there would be no handler.
fn refuse_cases(pat: &Pat) -> syn::Result<()> {
    let case = match pat {
        Pat::TupleStruct(case) => case.path.segments.last().map(|last| last.ident.to_string()),
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Lit(_) | Pat::Range(_) => Some(String::new()),
        _ => None,
    };
    if !case.is_some_and(|case| ["Ok", "Err", "Some", "None", ""].contains(&case.as_str())) {
        return Ok(());
    }
    let pat = pat.to_token_stream();
    let message = format!(
        "an arm of `select!` is done whatever its node gives: `result = node(..) => match result {{ {pat} => .., _ => .. }}`"
    );
    Err(syn::Error::new_spanned(pat, message))
}

impl Parse for Arm {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![else]) {
            return Err(input.error("a `select!` has no `else`: an arm that waits is always left"));
        }
        let pat = input.call(Pat::parse_multi_with_leading_vert)?;
        refuse_cases(&pat)?;
        if pat.to_token_stream().to_string() == "biased" && input.peek(Token![;]) {
            return Err(syn::Error::new(pat.span(), "leave `biased` out: of two arms that are ready the first always wins"));
        }
        let shape =
            |error: syn::Error| syn::Error::new(error.span(), "an arm of `select!` is `pattern = node(..) => expression`");
        if input.peek(Token![=>]) {
            return Err(shape(input.error("")));
        }
        input.parse::<Token![=]>().map_err(shape)?;
        let node = input.parse()?;
        if input.peek(Token![,]) && input.peek2(Token![if]) {
            return Err(input.error("an arm of `select!` has no condition: put the `if` around the `select!`"));
        }
        input.parse::<Token![=>]>().map_err(shape)?;
        let handler: Expr = input.parse()?;
        if !input.is_empty() && (!matches!(handler, Expr::Block(_)) || input.peek(Token![,])) {
            let comma = |error: syn::Error| syn::Error::new(error.span(), "put a comma between the arms of a `select!`");
            input.parse::<Token![,]>().map_err(comma)?;
        }
        Ok(Self { pat, node, handler })
    }
}
