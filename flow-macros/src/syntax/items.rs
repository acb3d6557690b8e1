//! What a `for` and a `join_all!` may run over. A run that goes on finds its item again by its number, so the list is
//! looked at again in another process: it must be one that gives the same items in the same order.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Expr, Ident, RangeLimits};

/// Methods that only look at what they are called on, and always give the same.
const LOOKS: &[&str] = &[
    "iter",
    "enumerate",
    "rev",
    "chars",
    "char_indices",
    "bytes",
    "lines",
    "split_whitespace",
    "keys",
    "values",
    "windows",
    "chunks",
    "skip",
    "take",
    "step_by",
    "zip",
    "copied",
    "cloned",
    "len",
    "as_slice",
    "as_str",
    "as_ref",
    "as_deref",
    "min",
    "max",
    "count",
];

/// A list that can be looked at again.
pub(crate) enum Items<'e> {
    /// A variable or field taken whole: its items are cloned out of it.
    Taken,
    /// An expression that borrows; the names whose value it depends on as a number.
    Again { bounds: Vec<&'e Ident> },
}

/// Why a list cannot be looked at again.
pub(crate) struct NotAgain {
    pub(crate) span: Span,
    pub(crate) message: &'static str,
}

/// Rule `items`: a loop with an `.await` in it runs over what is kept.
///
/// ```text
/// for page in load_pages() { fetch(&page).await?; }                 ✗ would be loaded again
/// let pages: Vec<Page> = load_pages();
/// for page in &pages { fetch(page).await?; }                        ✓
/// for (index, page) in pages.iter().enumerate() { .. }              ✓
/// for attempt in 0..3 { .. }                                        ✓
/// ```
pub(crate) fn items(expr: &Expr) -> Result<Items<'_>, NotAgain> {
    if is_field_path(expr) {
        return Ok(Items::Taken);
    }
    let mut bounds = Vec::new();
    look(expr, &mut bounds)?;
    Ok(Items::Again { bounds })
}

fn is_field_path(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Field(field) => is_field_path(&field.base),
        Expr::Paren(inner) => is_field_path(&inner.expr),
        _ => false,
    }
}

fn look<'e>(expr: &'e Expr, bounds: &mut Vec<&'e Ident>) -> Result<(), NotAgain> {
    match expr {
        Expr::Paren(inner) => look(&inner.expr, bounds),
        Expr::Group(inner) => look(&inner.expr, bounds),
        Expr::Lit(_) => Ok(()),
        Expr::Path(_) | Expr::Field(_) if is_field_path(expr) => Ok(()),
        Expr::Path(path) if path.path.segments.last().is_some_and(|last| is_constant(&last.ident)) => Ok(()),
        Expr::Reference(reference) if reference.mutability.is_none() => look(&reference.expr, bounds),
        Expr::Reference(reference) => Err(NotAgain {
            span: reference.mutability.map_or_else(|| reference.span(), |token| token.span),
            message: "a loop with an `.await` in it cannot run over a `&mut`: run over the indices, `for index in 0..items.len()`",
        }),
        Expr::Array(array) => array.elems.iter().try_for_each(|element| bound(element, bounds)),
        Expr::Range(range) => {
            let ends = range.start.iter().chain(&range.end);
            ends.into_iter().try_for_each(|end| bound(end, bounds))?;
            match (&range.start, &range.limits) {
                (Some(_), RangeLimits::HalfOpen(_) | RangeLimits::Closed(_)) => Ok(()),
                (None, _) => Err(NotAgain { span: range.span(), message: "a range to loop over needs a start: `0..n`" }),
            }
        }
        Expr::MethodCall(call) if LOOKS.iter().any(|known| call.method == known) => {
            look(&call.receiver, bounds)?;
            call.args.iter().try_for_each(|arg| if call.method == "zip" { look(arg, bounds) } else { bound(arg, bounds) })
        }
        other => Err(not_again(other)),
    }
}

/// A number that a list depends on: it must not change while the loop runs.
fn bound<'e>(expr: &'e Expr, bounds: &mut Vec<&'e Ident>) -> Result<(), NotAgain> {
    struct Names<'e>(Vec<&'e Ident>);
    impl<'e> syn::visit::Visit<'e> for Names<'e> {
        fn visit_expr_path(&mut self, path: &'e syn::ExprPath) {
            self.0.extend(path.path.get_ident());
        }
    }
    if !is_number(expr) {
        return Err(not_again(expr));
    }
    let mut names = Names(Vec::new());
    syn::visit::Visit::visit_expr(&mut names, expr);
    bounds.extend(names.0);
    Ok(())
}

fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Field(field) => is_number(&field.base),
        Expr::Paren(inner) => is_number(&inner.expr),
        Expr::Unary(unary) => is_number(&unary.expr),
        Expr::Cast(cast) => is_number(&cast.expr),
        Expr::Binary(both) => is_number(&both.left) && is_number(&both.right),
        Expr::Reference(reference) => reference.mutability.is_none() && is_number(&reference.expr),
        Expr::MethodCall(call) => {
            LOOKS.iter().any(|known| call.method == known) && is_number(&call.receiver) && call.args.iter().all(is_number)
        }
        _ => false,
    }
}

fn not_again(expr: &Expr) -> NotAgain {
    let message = match expr {
        Expr::MethodCall(_) => {
            "this method may give other items when a stored run goes on: put the list into a `let` with its type, and loop over `&list`"
        }
        _ => {
            "this would be made anew when a stored run goes on, and could then be another list: put the list into a `let` with its type, and loop over `&list`"
        }
    };
    let span = if let Expr::MethodCall(call) = expr { call.method.span() } else { expr.span() };
    NotAgain { span, message }
}

fn is_constant(name: &Ident) -> bool {
    name.to_string().starts_with(char::is_uppercase)
}
