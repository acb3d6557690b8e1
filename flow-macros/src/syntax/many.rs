//! `join_all!(&items, |item| node(item), limit = 8)`: one arm for each item.
//!
//! Rule `many`: items, a closure that takes one of them and is a node or a block of nodes, and a limit.
//!
//! ```text
//! try_join_all!(pages.iter().map(fetch))?;                    ✗
//! try_join_all!(&pages, |page| fetch(page).await?)?;          ✗ an arm is not awaited by itself
//! try_join_all!(&pages, |page| fetch(page), limit = 8)?;      ✓
//! ```

use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Expr, Ident, Macro, Pat, Token};

use super::label::Settle;
use super::place::{AwaitError, JoinArm, arm};

/// The parts of such a macro.
pub(crate) struct Many {
    pub(crate) fails_fast: bool,
    pub(crate) items: Expr,
    pub(crate) item: Pat,
    pub(crate) arm: JoinArm,
    pub(crate) limit: Option<Expr>,
}

pub(super) fn many(mac: &Macro, fails_fast: bool) -> Result<Many, AwaitError> {
    let read = |input: ParseStream<'_>| read(input, mac, fails_fast);
    mac.parse_body_with(read).map_err(AwaitError::Written)
}

fn read(input: ParseStream<'_>, mac: &Macro, fails_fast: bool) -> syn::Result<Many> {
    let (span, name) = (mac.path.span(), &mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default());
    let shape = format!("write the items and an arm for each: `{name}!(&items, |item| step(item))`");
    let shaped = |error: syn::Error| syn::Error::new(error.span(), &shape);
    if input.is_empty() {
        return Err(syn::Error::new(span, shape));
    }
    let items = input.parse()?;
    input.parse::<Token![,]>().map_err(shaped)?;
    let closure: Expr = input.parse().map_err(shaped)?;
    let Expr::Closure(mut closure) = closure else { return Err(syn::Error::new(closure.span(), &shape)) };
    if closure.inputs.len() != 1 {
        let one = "an arm takes one item: `|item| ..`, or `|(index, item)| ..`";
        return Err(syn::Error::new(closure.inputs_begin.span(), one));
    }
    if let Some(token) = closure.capture {
        return Err(syn::Error::new(token.span(), "leave `move` out: an arm borrows what is around it"));
    }
    let limit = if input.is_empty() { None } else { limit(input, name)? };
    Settle.visit_expr_mut(&mut closure.body);
    let item = match closure.inputs.into_iter().next() {
        Some(Pat::Type(typed)) => *typed.pat,
        Some(item) => item,
        None => return Err(syn::Error::new(span, shape)),
    };
    Ok(Many { fails_fast, items, item, arm: arm(*closure.body), limit })
}

fn limit(input: ParseStream<'_>, of: &str) -> syn::Result<Option<Expr>> {
    input.parse::<Token![,]>()?;
    if input.is_empty() {
        return Ok(None);
    }
    let known = "how many run at once is `limit = 8`";
    let name: Ident = input.parse().map_err(|error| syn::Error::new(error.span(), known))?;
    if name != "limit" {
        return Err(syn::Error::new(name.span(), format!("`{of}!` has no option `{name}`: {known}")));
    }
    let valued = |error: syn::Error| syn::Error::new(error.span(), known);
    input.parse::<Token![=]>().map_err(valued)?;
    let limit: Expr = input.parse().map_err(valued)?;
    input.parse::<Option<Token![,]>>()?;
    if let Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) = &limit
        && number.base10_digits() == "0"
    {
        return Err(syn::Error::new(number.span(), "a limit of 0 would run nothing: leave it out for no limit"));
    }
    if !input.is_empty() {
        return Err(input.error("`limit` is said once, and last: leave out what follows it"));
    }
    Ok(Some(limit))
}
