//! The body as the user wrote it, in an async fn, for rustc to judge: moves, borrows, exhaustiveness and lints on the
//! real source. It shares its name with the node, so a path names both, and it runs nothing.
//!
//! What rustc judges here, in its own words:
//!
//! Rule `arguments`: the call of a node takes the arguments of its function without those marked `#[resource]` and
//! `#[context]` (E0308, E0061).
//!
//! ```text
//! outline(&brief).await?;          ✗ expected `&Research`, found `&Brief`
//! outline(&research).await?;       ✓
//! ```
//!
//! Rule `branches`: arms have one type, a `match` covers every case (E0308, E0004).
//!
//! ```text
//! let draft = match level { Low => simple(&outline).await? };                                  ✗ `High` is missing
//! let draft = match level { Low => simple(&outline).await?, High => deep(&outline).await? };   ✓
//! ```
//!
//! Rule `output`: the body ends in `Ok` of what the header promises, and what a node gives is used (E0308, `unused`).
//!
//! ```text
//! summary                  ✗ expected `Result`, found `String`
//! Ok(summary)              ✓
//! ```
//!
//! Rule `moves`: a value that was moved, or is lent, is not used again (E0382, E0505, E0596).
//!
//! ```text
//! publish(draft).await?;  check(&draft).await?;              ✗
//! publish(draft.clone()).await?;  check(&draft).await?;      ✓
//! ```
//!
//! Rule `privacy`: a workflow is as public as its input and output at most (E0446).
//!
//! ```text
//! struct Order;  workflow! { pub Buy<Order -> u32>(order) { .. } }        ✗
//! pub struct Order;  workflow! { pub Buy<Order -> u32>(order) { .. } }    ✓
//! ```
//!
//! Rule `awaited`: awaiting a plain function is E0573, "expected type, found function": only a node has a type beside
//! its function, so the function wants `#[step]`. A step in a module of its own name is E0255: give it another name for
//! its type with `#[step(marker = Other)]`.
//!
//! ```text
//! async fn tidy(text: &str) -> Result<String, Oops> { .. }              ✗ where `tidy(&text).await?` is written
//! #[step] async fn tidy(text: &str) -> Result<String, Oops> { .. }      ✓
//! ```
//!
//! Rule `reachable`: what stands behind a `return`, a `break` or an endless loop never runs. That is a warning, the lint
//! `unreachable_code` of rustc; a loop that awaits nothing and never ends is an error.
//!
//! ```text
//! return Ok(next);  check(&draft).await?;      ✗
//! check(&draft).await?;  Ok(next)              ✓
//! ```
//!
//! Rule `several`: all that is wrong is said at once, that of the macro beside that of rustc.
//!
//! ```text
//! let mut count = 0;  draft(&outline).await?;  count += 1;      ✗ two mistakes, two errors
//! ```
//!
//! Rule `unparsable`: a body that is no Rust goes to rustc as it stands, which says what is wrong with it.
//!
//! ```text
//! let next = revise(&draft).await?  Ok(next)       ✗
//! let next = revise(&draft).await?; Ok(next)       ✓
//! ```

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::token::Paren;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, ExprPath, Stmt, parse_quote_spanned};

use super::{awaited, private_at};
use crate::diagnostic::{Errors, quiet};
use crate::syntax::{Awaited, Items, JoinArm, Many, Mode, PlaceExpr, Workflow, has_place, items, place_of};

/// ```text
/// pub async fn Content(brief: Brief) -> Result<Article, Error> { .. }
/// ```
pub(super) fn expand(workflow: &Workflow, stmts: &[Stmt]) -> TokenStream {
    let lints = quote!(#[allow(non_snake_case, private_interfaces, dead_code)]);
    let stmts = checked(stmts.to_vec());
    in_its_place(workflow, &lints, quote!(#(#stmts)*))
}

/// The same beside what the macro refuses: that has no type, so rustc says nothing more of it.
pub(super) fn beside(workflow: &Workflow, stmts: &[Stmt], errors: Errors) -> TokenStream {
    let (stmts, errors) = (checked(stmts.to_vec()), errors.into_tokens());
    in_its_place(workflow, &quiet(), quote!(const __REFUSED: bool = { #errors true }; #(#stmts)*))
}

fn in_its_place(workflow: &Workflow, lints: &TokenStream, stmts: TokenStream) -> TokenStream {
    let Workflow { attrs, vis, name, input, output, mutable, binding, .. } = workflow;
    // In the user's braces and at the user's type: rustc points there when the body has no value, or another one.
    let mut body = Group::new(Delimiter::Brace, stmts);
    body.set_span(workflow.body.span());
    let p = private_at(output.span());
    let result = quote_spanned!(output.span()=> ::core::result::Result<#output, #p::Error>);
    let head = quote_spanned!(name.span()=> async fn);
    // The empty `<>` is no place of the user's, so rustc does not offer to write a parameter there.
    quote! {
        #(#attrs)*
        #lints
        #vis #head #name<>(#mutable #binding: #input) -> #result #body
    }
}

fn checked(mut stmts: Vec<Stmt>) -> Vec<Stmt> {
    if let Some(Stmt::Expr(tail, None)) = stmts.last_mut() {
        convert_tail(tail);
    }
    stmts.iter_mut().for_each(|stmt| Check.visit_stmt_mut(stmt));
    stmts
}

/// A tail `x(..).await` converts its error as `?` does.
fn convert_tail(expr: &mut Expr) {
    match expr {
        Expr::Await(_) => {
            if let Some(Ok(place)) = place_of(expr) {
                let p = private_at(place.span);
                // In a branch of its own rustc says of it what it says of a tail, and nothing of arguments.
                let tail = quote_spanned!(place.span=> if #p::rules::ever() { #p::not_built() } else { #expr });
                *expr = parse_quote_spanned!(place.span=> #p::rules::converted(#tail));
            }
        }
        Expr::If(branch) => {
            convert_block(&mut branch.then_branch);
            if let Some((_, otherwise)) = &mut branch.else_branch {
                convert_tail(otherwise);
            }
        }
        Expr::Match(branch) => branch.arms.iter_mut().for_each(|arm| convert_tail(&mut arm.body)),
        Expr::Block(block) => convert_block(&mut block.block),
        Expr::Paren(inner) => convert_tail(&mut inner.expr),
        _ => {}
    }
}

fn convert_block(block: &mut syn::Block) {
    if let Some(Stmt::Expr(tail, None)) = block.stmts.last_mut() {
        convert_tail(tail);
    }
}

struct Check;

impl VisitMut for Check {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Return(ret) = expr
            && let Some(value) = &mut ret.expr
        {
            convert_tail(value);
        }
        if matches!(expr, Expr::Await(_) | Expr::Macro(_))
            && let Some(place) = place_of(expr)
        {
            let lints = lints(expr);
            let place = place.map_or_else(|_| refused(expr), |place| self.place(place));
            *expr = Expr::Verbatim(quote!(#(#lints)* #place));
            return;
        }
        if matches!(expr, Expr::Closure(_) | Expr::Macro(_)) && has_place(|places| places.visit_expr(expr)) {
            *expr = Expr::Verbatim(refused(expr));
            return;
        }
        if let Expr::ForLoop(inner) = expr
            && has_place(|places| places.visit_block(&inner.body))
        {
            let list = (*inner.expr).clone();
            self.visit_expr_mut(&mut inner.expr);
            *inner.expr = Expr::Verbatim(in_order(&list, &inner.expr));
        }
        visit_mut::visit_expr_mut(self, expr);
    }
    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt {
            let expr = Expr::Macro(syn::ExprMacro { attrs: mac.attrs.clone(), mac: mac.mac.clone() });
            if has_place(|places| places.visit_expr(&expr)) {
                *stmt = Stmt::Expr(expr, mac.semi_token);
            }
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }
    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        attrs.retain(|attr| !attr.path().is_ident("at"));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

impl Check {
    fn place(&mut self, place: PlaceExpr) -> TokenStream {
        match place.awaited {
            Awaited::Node { path, args, paren } => {
                self.call(&path, args.into_iter().collect(), paren, place.await_token.map(|(_, token)| token.span))
            }
            Awaited::Join { mode, arms, .. } => self.join(place.span, mode, arms),
            Awaited::Many(many) => self.many(place.span, *many),
        }
    }

    /// It begins at the node's name and ends at its `.await`, so that rustc underlines from the one to the other. Nothing is awaited:
    /// rustc's work on an `async fn` grows with the square of its awaits.
    fn call(&mut self, path: &ExprPath, mut args: Vec<Expr>, paren: Paren, ends: Option<Span>) -> TokenStream {
        args.iter_mut().for_each(|arg| self.visit_expr_mut(arg));
        let span = path.path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span());
        let p = private_at(span);
        let mut given = TokenStream::new();
        paren.surround(&mut given, |tokens| tokens.extend(quote!(#(#args),*)));
        let path = awaited::node(path);
        let call = quote_spanned!(span=> <#path as #p::Judged>::unbound().call #given);
        let mut call = Group::new(Delimiter::Parenthesis, call);
        call.set_span(ends.unwrap_or(span));
        quote_spanned!(span=> <#path as #p::Judged>::outcome #call)
    }

    /// Each arm is judged on a way that leads nowhere, so that what it does to what is around it is reported there alone.
    ///
    /// ```text
    /// { let a = Value::new(); if ever() { a.is(arm(|| ..)?); not_built() } .. (a.get(), ..) }
    /// ```
    fn join(&mut self, span: Span, mode: Mode, arms: Vec<JoinArm>) -> TokenStream {
        let (p, fails_fast) = (private_at(span), mode == Mode::Try);
        let names: Vec<_> = (0..arms.len()).map(|index| format_ident!("__arm_{index}", span = span)).collect();
        let arms = arms.into_iter().map(|arm| self.arm(arm, fails_fast));
        let values = match mode {
            Mode::First => quote_spanned!(span=> (#(#p::rules::maybe(#names.get()),)*)),
            Mode::All | Mode::Try => quote_spanned!(span=> (#(#names.get(),)*)),
        };
        let value = if fails_fast { quote_spanned!(span=> #p::rules::joined(#values)) } else { values };
        quote_spanned! {span=>
            {
                #(
                    let #names = #p::rules::Value::new();
                    if #p::rules::ever() {
                        #names.is(#arms);
                        #p::not_built();
                    }
                )*
                #value
            }
        }
    }

    /// One arm stands for those of all items.
    fn many(&mut self, span: Span, many: Many) -> TokenStream {
        let Many { fails_fast, mut items, item, arm, limit } = many;
        let p = private_at(span);
        self.visit_expr_mut(&mut items);
        let (items, limit) = (in_order(&items, &items), limit.map(|limit| quote_spanned!(limit.span()=> let _: usize = #limit;)));
        let (name, list) = (format_ident!("__arm", span = span), format_ident!("__items", span = span));
        let arm = self.arm_with(arm, fails_fast, quote_spanned!(span=> let #item = #p::rules::item(&#list);));
        let value = if fails_fast { quote_spanned!(span=> #p::rules::joined(#name)) } else { name.to_token_stream() };
        quote_spanned! {span=>
            {
                let #name = #p::rules::Value::new();
                let #list = #items;
                #limit
                if #p::rules::ever() {
                    #name.is(#arm);
                    #p::not_built();
                }
                let #name = #p::rules::list(#name.get());
                #value
            }
        }
    }

    fn arm(&mut self, arm: JoinArm, fails_fast: bool) -> TokenStream {
        self.arm_with(arm, fails_fast, TokenStream::new())
    }

    /// An arm is a closure that may be called again, so it can neither move nor change what is around it. It is not `async`: what
    /// it moves or changes is then reported at the variable itself.
    fn arm_with(&mut self, arm: JoinArm, fails_fast: bool, begin: TokenStream) -> TokenStream {
        match arm {
            JoinArm::Node(node) => {
                let (p, span) = (private_at(node.span), node.span);
                let Awaited::Node { path, args, paren } = node.awaited else { return quote!(::core::unreachable!()) };
                let call = self.call(&path, args.into_iter().collect(), paren, None);
                let call = if begin.is_empty() { call } else { quote_spanned!(span=> { #begin #call }) };
                let arm = quote_spanned!(span=> #p::rules::an_arm_only_borrows(|| #call));
                if fails_fast { quote_spanned!(span=> #p::rules::unwrapped(#arm)) } else { arm }
            }
            JoinArm::Block { block, span, .. } => {
                let (p, stmts) = (private_at(span), checked(block.stmts));
                let mut body = TokenStream::new();
                block.brace_token.surround(&mut body, |tokens| tokens.extend(quote!(#begin #(#stmts)*)));
                let arm = quote_spanned!(span=> #p::rules::an_arm_only_borrows(|| -> ::core::result::Result<_, #p::Error> #body));
                if fails_fast { quote_spanned!(span=> #p::rules::unwrapped(#arm)) } else { arm }
            }
            JoinArm::Awaited(span) | JoinArm::Other(span) => refused_at(span),
        }
    }
}

/// The attributes of a place that are not its label.
fn lints(expr: &Expr) -> Vec<Attribute> {
    let attrs = match expr {
        Expr::Await(inner) => &inner.attrs,
        Expr::Macro(inner) => &inner.attrs,
        _ => return Vec::new(),
    };
    attrs.iter().filter(|attr| !attr.path().is_ident("at")).cloned().collect()
}

/// What the macro has refused already.
fn refused(expr: &Expr) -> TokenStream {
    refused_at(expr.span())
}

fn refused_at(span: Span) -> TokenStream {
    let p = private_at(span);
    quote_spanned!(span=> #p::rules::refused::<<#p::Gate<__REFUSED> as #p::Pass<()>>::Through>())
}

/// A list whose items a run can find again; rustc says at the list where it has no order.
fn in_order(list: &Expr, checked: &Expr) -> TokenStream {
    let p = private_at(list.span());
    match items(list) {
        Ok(Items::Taken) => quote_spanned!(list.span()=> #p::turns::taken(#checked)),
        Ok(Items::Again { .. }) => quote_spanned!(list.span()=> #p::turns::in_order(#checked)),
        Err(_) => checked.to_token_stream(),
    }
}

/// A body that does not parse, without the words that only `workflow!` knows.
pub(super) fn raw(tokens: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        let is_label = is_hash && matches!(tokens.peek(), Some(TokenTree::Group(group)) if group.to_string().starts_with("[at"));
        if is_label {
            tokens.next();
            continue;
        }
        out.extend(match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), raw(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner).into_token_stream()
            }
            token => token.into_token_stream(),
        });
    }
    out
}
