//! `#[at(name)]`: where it may stand, and which await it means.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Expr, Ident, LitStr, Macro, Stmt, Token};

use super::place::{arms_macro, has_place, join_exprs};
use super::select::{as_match, is_select};
use crate::diagnostic::Errors;

fn is_label(attr: &Attribute) -> bool {
    attr.path().is_ident("at")
}

/// `#[at(name)]`, or `#[at(name, was = "before")]`.
#[derive(Clone)]
pub(crate) struct Label {
    pub(crate) name: Ident,
    /// What the place was called when runs were stored that are still in flight.
    pub(crate) was: Vec<LitStr>,
}

impl Parse for Label {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (name, mut was) = (input.parse()?, Vec::new());
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            was.push(former(input)?);
        }
        Ok(Self { name, was })
    }
}

const WRITE: &str = "a label is a name: `#[at(second_look)]`";
const WRITE_WAS: &str = "after its name a label says what the place was called: `#[at(second_look, was = \"review\")]`";

/// `was = "before"`
fn former(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let wrong = |span| syn::Error::new(span, WRITE_WAS);
    let key: Ident = input.parse().map_err(|error: syn::Error| wrong(error.span()))?;
    if key != "was" || input.parse::<Token![=]>().is_err() {
        return Err(wrong(key.span()));
    }
    input.parse().map_err(|error: syn::Error| wrong(error.span()))
}

/// A label up to where it is wrong: its name counts.
fn only_name(input: ParseStream<'_>) -> syn::Result<Label> {
    let name = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
        input.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(Label { name, was: Vec::new() })
}

/// What a label says.
pub(super) fn label(attrs: &[Attribute]) -> Option<Label> {
    let attr = attrs.iter().find(|attr| is_label(attr))?;
    attr.parse_args().or_else(|_| attr.parse_args_with(only_name)).ok()
}

/// Brings what is written into the one form that the later stages know. A label before a chain belongs to the await in
/// it: `#[at(x)] a(..).await?.field` is parsed as a label of the field. A `select!` is a `match`.
pub(super) struct Settle;

impl VisitMut for Settle {
    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && is_select(&mac.mac)
        {
            let select = syn::ExprMacro { attrs: mac.attrs.clone(), mac: mac.mac.clone() };
            if let Ok(matched) = as_match(&select) {
                *stmt = Stmt::Expr(matched, mac.semi_token);
            }
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Macro(select) = expr
            && is_select(&select.mac)
            && let Ok(matched) = as_match(select)
        {
            *expr = matched;
        }
        if let Some(attrs) = link_attrs(expr)
            && let Some(at) = attrs.iter().position(is_label)
        {
            let attr = attrs.remove(at);
            if let Err(attr) = hand_down(expr, attr)
                && let Some(attrs) = link_attrs(expr)
            {
                attrs.push(*attr);
            }
        }
        visit_mut::visit_expr_mut(self, expr);
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}

fn link_attrs(expr: &mut Expr) -> Option<&mut Vec<Attribute>> {
    match expr {
        Expr::Field(link) => Some(&mut link.attrs),
        Expr::MethodCall(link) => Some(&mut link.attrs),
        Expr::Index(link) => Some(&mut link.attrs),
        Expr::Try(link) => Some(&mut link.attrs),
        Expr::Cast(link) => Some(&mut link.attrs),
        _ => None,
    }
}

fn hand_down(expr: &mut Expr, attr: Attribute) -> Result<(), Box<Attribute>> {
    match expr {
        Expr::Field(link) => hand_down(&mut link.base, attr),
        Expr::MethodCall(link) => hand_down(&mut link.receiver, attr),
        Expr::Index(link) => hand_down(&mut link.expr, attr),
        Expr::Try(link) => hand_down(&mut link.expr, attr),
        Expr::Cast(link) => hand_down(&mut link.expr, attr),
        Expr::Await(inner) => {
            inner.attrs.push(attr);
            Ok(())
        }
        Expr::Macro(inner) if arms_macro(&inner.mac).is_some() => {
            inner.attrs.push(attr);
            Ok(())
        }
        _ => Err(Box::new(attr)),
    }
}

/// What rustc knows before a statement or an expression.
const KNOWN: &[&str] =
    &["allow", "expect", "warn", "deny", "forbid", "cfg", "cfg_attr", "doc", "inline", "cold", "must_use", "track_caller"];

/// Rule `places`: a label is a name, and stands before the call that is awaited.
///
/// ```text
/// #[at(again)] let next = revise(&draft).await?;      ✗
/// let next = #[at("again")] revise(&draft).await?;    ✗
/// let next = #[at(again)] revise(&draft).await?;      ✓
/// ```
///
/// Rule `places`: a workflow has the same places however it is compiled.
///
/// ```text
/// #[cfg(feature = "seo")] seo(&draft).await?;           ✗
/// if cfg!(feature = "seo") { seo(&draft).await?; }      ✓
/// ```
pub(crate) fn check(stmts: &[Stmt], errors: &mut Errors) {
    let mut labels = Labels { errors };
    stmts.iter().for_each(|stmt| labels.visit_stmt(stmt));
}

struct Labels<'e> {
    errors: &'e mut Errors,
}

impl Labels<'_> {
    fn named(&mut self, attrs: &[Attribute]) {
        attrs.iter().for_each(|attr| self.known(attr));
        for attr in attrs.iter().filter(|attr| is_label(attr)) {
            match attr.parse_args::<Label>() {
                Ok(label) => self.former(&label),
                Err(error) if attr.parse_args_with(only_name).is_ok() => self.errors.push(error),
                Err(_) => self.errors.under(attr, WRITE),
            }
        }
    }

    /// What is compiled or not is decided behind the macro, which makes a place of an await all the same.
    fn conditional(&mut self, tokens: impl ToTokens) {
        let mut tokens = tokens.to_token_stream().into_iter();
        while let (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(attr))) = (tokens.next(), tokens.next())
            && hash.as_char() == '#'
        {
            if matches!(attr.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "cfg" || name == "cfg_attr") {
                let message = "a place cannot be conditional, stored runs would not find it: write `if cfg!(..) { .. }`";
                self.errors.beside(attr.span(), message);
            }
        }
    }

    /// rustc would say two things of an attribute that it does not know.
    fn known(&mut self, attr: &Attribute) {
        if let Some(name) = attr.path().get_ident().filter(|name| !is_label(attr) && !KNOWN.iter().any(|known| name == known)) {
            self.errors.under(attr, format!("there is no `#[{name}]` here: the label of a place is `#[at(name)]`"));
        }
    }

    /// What a place was called is a name, and another one.
    fn former(&mut self, label: &Label) {
        for (index, was) in label.was.iter().enumerate() {
            let name = was.value();
            if syn::parse_str::<Ident>(&name).is_err() {
                self.errors.at(was.span(), "what a place was called is a name too: `was = \"review\"`");
            } else if label.name == name {
                self.errors.at(was.span(), format!("`{name}` is what the place is called now: write what it was before"));
            } else if label.was[..index].contains(was) {
                self.errors.at(was.span(), format!("`{name}` is given twice"));
            }
        }
    }

    /// An arm's name is a part of the paths below it, which stay as they are.
    fn lasting(&mut self, attrs: &[Attribute]) {
        if let Some(was) = label(attrs).and_then(|label| label.was.into_iter().next()) {
            self.errors.at(was.span(), "an arm cannot be renamed while runs are in it: give it the name it had");
        }
    }

    fn called(&mut self, expr: &Expr) {
        match expr {
            Expr::Call(call) => {
                self.named(&call.attrs);
                call.args.iter().for_each(|arg| self.visit_expr(arg));
            }
            Expr::Paren(inner) => self.called(&inner.expr),
            other => self.visit_expr(other),
        }
    }

    fn arms(&mut self, mac: &Macro) {
        join_exprs(mac).into_iter().flatten().for_each(|expr| self.arm(&expr));
    }

    fn arm(&mut self, arm: &Expr) {
        match arm {
            Expr::Async(block) => {
                self.lasting(&block.attrs);
                self.named(&block.attrs);
                self.visit_block(&block.block);
            }
            Expr::Closure(each) => self.arm(&each.body),
            arm => {
                if let Expr::Call(call) = arm {
                    self.lasting(&call.attrs);
                }
                self.called(arm);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Labels<'_> {
    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        if has_place(|places| places.visit_stmt(stmt)) {
            self.conditional(stmt);
        }
        visit::visit_stmt(self, stmt);
    }
    fn visit_expr_match(&mut self, branch: &'ast syn::ExprMatch) {
        if has_place(|places| places.visit_expr_match(branch)) {
            branch.arms.iter().for_each(|arm| self.conditional(arm));
        }
        visit::visit_expr_match(self, branch);
    }
    fn visit_attribute(&mut self, attr: &'ast Attribute) {
        if is_label(attr) {
            self.errors.under(attr, "a label stands before the call that is awaited: `#[at(name)] step(..).await`");
        }
        self.known(attr);
    }
    fn visit_expr_await(&mut self, inner: &'ast syn::ExprAwait) {
        self.named(&inner.attrs);
        self.called(&inner.base);
    }
    fn visit_expr_macro(&mut self, inner: &'ast syn::ExprMacro) {
        if arms_macro(&inner.mac).is_some() {
            self.named(&inner.attrs);
            self.arms(&inner.mac);
        } else {
            visit::visit_expr_macro(self, inner);
        }
    }
    fn visit_stmt_macro(&mut self, inner: &'ast syn::StmtMacro) {
        if arms_macro(&inner.mac).is_some() {
            self.named(&inner.attrs);
            self.arms(&inner.mac);
        } else {
            visit::visit_stmt_macro(self, inner);
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
