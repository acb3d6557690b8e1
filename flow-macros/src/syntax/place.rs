//! Which expressions are places: `#[at(name)] path(args).await?`, and the macros that run arms side by side.

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::token::Paren;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Block, Expr, ExprPath, Ident, Macro, Token};

use super::label::{Label, Settle, label};
use super::many::{Many, many};
use super::{no_node, select};

/// An expression that is a place.
pub(crate) struct PlaceExpr {
    pub(crate) label: Option<Label>,
    pub(crate) awaited: Awaited,
    /// Whether a `?` follows.
    pub(crate) question: bool,
    /// Where to point when the place itself is meant.
    pub(crate) span: Span,
    /// The `.await`; an arm of a join has none.
    pub(crate) await_token: Option<(Token![.], Token![await])>,
}

/// What is awaited.
pub(crate) enum Awaited {
    Node { path: ExprPath, args: Punctuated<Expr, Token![,]>, paren: Paren },
    Join { mode: Mode, arms: Vec<JoinArm>, span: Span },
    Many(Box<Many>),
}

/// How arms end together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `join!`: all of them, each with its `Result`.
    All,
    /// `try_join!`: all of them, or the first error.
    Try,
    /// `select!`: the first of them.
    First,
}

/// One arm of a join.
pub(crate) enum JoinArm {
    Node(Box<PlaceExpr>),
    Block { label: Option<Label>, block: Block, span: Span },
    Awaited(Span),
    Other(Span),
}

/// What the arms of a `select!` are called once its handlers are a `match` around them.
pub(crate) const SELECT_ARMS: &str = "__flow_select";

/// Something awaited that is no node, or what is known to be written otherwise.
pub(crate) enum AwaitError {
    NoNode {
        span: Span,
        what: String,
    },
    /// A name alone: a node that is not called, or a variable, for which its call was not awaited.
    Itself(Ident),
    Written(syn::Error),
}

/// The place an expression is, if it is one.
pub(crate) fn place_of(expr: &Expr) -> Option<Result<PlaceExpr, AwaitError>> {
    match expr {
        Expr::Try(inner) => {
            let place = place_of(&inner.expr)?;
            Some(place.map(|place| PlaceExpr { question: true, label: place.label.or_else(|| label(&inner.attrs)), ..place }))
        }
        Expr::Paren(inner) => place_of(&inner.expr),
        Expr::Group(inner) => place_of(&inner.expr),
        Expr::Await(inner) if runs_arms(&inner.base).is_some() => {
            let name = runs_arms(&inner.base)?;
            let message = format!("leave this `.await` out: `{name}!` awaits its arms itself");
            Some(Err(AwaitError::Written(syn::Error::new(inner.await_token.span, message))))
        }
        Expr::Await(inner) => Some(node(&inner.base).map(|(path, args, paren, call_attrs)| PlaceExpr {
            label: label(&inner.attrs).or_else(|| label(call_attrs)),
            span: path.path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span()),
            awaited: Awaited::Node { path: path.clone(), args: args.clone(), paren },
            question: false,
            await_token: Some((inner.dot_token, inner.await_token)),
        })),
        Expr::Macro(inner) => {
            let span = inner.mac.path.span();
            let awaited = match arms_macro(&inner.mac)? {
                ArmsMacro::Select => Err(AwaitError::Written(select::refused(&inner.mac))),
                ArmsMacro::Join(mode) => Ok(Awaited::Join { mode, arms: arms(&inner.mac), span }),
                ArmsMacro::Many { fails_fast } => many(&inner.mac, fails_fast).map(|many| Awaited::Many(Box::new(many))),
            };
            let place = |awaited| PlaceExpr { label: label(&inner.attrs), awaited, question: false, span, await_token: None };
            Some(awaited.map(place))
        }
        _ => None,
    }
}

/// A macro that runs arms side by side.
#[derive(Clone, Copy)]
pub(crate) enum ArmsMacro {
    Join(Mode),
    Many {
        fails_fast: bool,
    },
    /// One that could not be read; the others are a `match` by now.
    Select,
}

pub(crate) fn arms_macro(mac: &Macro) -> Option<ArmsMacro> {
    arms_named(&mac.path.segments.last()?.ident)
}

fn arms_named(name: &Ident) -> Option<ArmsMacro> {
    match name.to_string().as_str() {
        "join" => Some(ArmsMacro::Join(Mode::All)),
        "try_join" => Some(ArmsMacro::Join(Mode::Try)),
        "join_all" => Some(ArmsMacro::Many { fails_fast: false }),
        "try_join_all" => Some(ArmsMacro::Many { fails_fast: true }),
        "select" => Some(ArmsMacro::Select),
        SELECT_ARMS => Some(ArmsMacro::Join(Mode::First)),
        _ => None,
    }
}

/// The macro that runs arms, where that is what is awaited.
fn runs_arms(base: &Expr) -> Option<String> {
    match base {
        Expr::Macro(inner) if arms_macro(&inner.mac).is_some() => Some(inner.mac.path.segments.last()?.ident.to_string()),
        Expr::Match(select) => runs_arms(&select.expr).filter(|name| name == SELECT_ARMS).map(|_| "select".to_owned()),
        Expr::Try(inner) => runs_arms(&inner.expr),
        Expr::Paren(inner) => runs_arms(&inner.expr),
        _ => None,
    }
}

type NodeCall<'e> = (&'e ExprPath, &'e Punctuated<Expr, Token![,]>, Paren, &'e [Attribute]);

fn node(base: &Expr) -> Result<NodeCall<'_>, AwaitError> {
    let wrong = |span: Span, what: &str| Err(AwaitError::NoNode { span, what: what.to_owned() });
    match base {
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => match no_node::known(path) {
                Some(error) => Err(AwaitError::Written(error)),
                None => Ok((path, &call.args, call.paren_token, &call.attrs)),
            },
            other => wrong(other.span(), "the result of an expression"),
        },
        Expr::Paren(inner) => node(&inner.expr),
        Expr::Group(inner) => node(&inner.expr),
        Expr::MethodCall(call) => wrong(call.method.span(), &format!("the method `{}`", call.method)),
        Expr::Path(path) => match path.path.get_ident() {
            Some(name) => Err(AwaitError::Itself(name.clone())),
            None => wrong(path.span(), "a value"),
        },
        Expr::Async(block) => wrong(block.async_token.span, "an `async` block"),
        Expr::Macro(mac) => wrong(mac.mac.path.span(), "a macro"),
        Expr::Struct(value) => {
            let name = value.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            wrong(value.path.span(), &format!("the value `{name} {{ .. }}`"))
        }
        other => wrong(other.span(), "an expression"),
    }
}

fn arms(mac: &Macro) -> Vec<JoinArm> {
    match join_exprs(mac) {
        Some(exprs) => exprs.into_iter().map(arm).collect(),
        None => vec![JoinArm::Other(mac.path.span())],
    }
}

/// The arms of a join as they are written.
pub(super) fn join_exprs(mac: &Macro) -> Option<Vec<Expr>> {
    let exprs = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone()).ok()?;
    let settled = exprs.into_iter().map(|mut expr| {
        Settle.visit_expr_mut(&mut expr);
        expr
    });
    Some(settled.collect())
}

/// An arm is written without `.await`: `try_join!(outline(&r), seo(&r))`.
pub(super) fn arm(expr: Expr) -> JoinArm {
    match expr {
        Expr::Call(call) => match *call.func {
            Expr::Path(path) => {
                let span = path.path.segments.last().map_or_else(Span::call_site, |segment| segment.ident.span());
                let awaited = Awaited::Node { path, args: call.args, paren: call.paren_token };
                JoinArm::Node(Box::new(PlaceExpr {
                    label: label(&call.attrs),
                    awaited,
                    question: false,
                    span,
                    await_token: None,
                }))
            }
            other => JoinArm::Other(other.span()),
        },
        Expr::Async(block) => JoinArm::Block { label: label(&block.attrs), span: block.async_token.span, block: block.block },
        Expr::Paren(inner) => arm(*inner.expr),
        Expr::Group(inner) => arm(*inner.expr),
        Expr::Await(inner) => JoinArm::Awaited(inner.await_token.span),
        other => JoinArm::Other(other.span()),
    }
}

/// Whether an expression or statement holds a place, outside of closures, `async` blocks and items.
pub(crate) fn has_place(visit: impl FnOnce(&mut Places)) -> bool {
    let mut places = Places(false);
    visit(&mut places);
    places.0
}

/// Looks for places.
pub(crate) struct Places(bool);

impl<'ast> Visit<'ast> for Places {
    fn visit_expr_await(&mut self, _: &'ast syn::ExprAwait) {
        self.0 = true;
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.0 |= arms_macro(mac).is_some() || awaits(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.0 |= has_place(|places| places.visit_expr(&closure.body));
    }
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// Whether tokens hold `.await`, or a macro that runs arms.
fn awaits(tokens: TokenStream) -> bool {
    let (mut dot, mut arms) = (false, false);
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => {
            (dot, arms) = (false, false);
            awaits(group.stream())
        }
        TokenTree::Ident(ident) => {
            arms = arms_named(&ident).is_some();
            std::mem::take(&mut dot) && ident == "await"
        }
        TokenTree::Punct(punct) => {
            dot = punct.as_char() == '.';
            std::mem::take(&mut arms) && punct.as_char() == '!' && punct.spacing() == Spacing::Alone
        }
        TokenTree::Literal(_) => false,
    })
}

/// The arguments of a macro, if they are expressions as those of `format!`, `vec!`, `assert!` and `println!` are.
pub(crate) fn macro_exprs(mac: &Macro) -> Option<Vec<Expr>> {
    let listed = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(mac.tokens.clone());
    if let Ok(exprs) = listed {
        return Some(exprs.into_iter().collect());
    }
    let repeated = |input: syn::parse::ParseStream<'_>| {
        let value: Expr = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok(vec![value, input.parse()?])
    };
    let matched = |input: syn::parse::ParseStream<'_>| {
        let value: Expr = input.parse()?;
        input.parse::<Token![,]>()?;
        syn::Pat::parse_multi_with_leading_vert(input)?;
        if input.is_empty() {
            return Ok(vec![value]);
        }
        input.parse::<Token![if]>()?;
        Ok(vec![value, input.parse()?])
    };
    repeated.parse2(mac.tokens.clone()).or_else(|_| matched.parse2(mac.tokens.clone())).ok()
}
