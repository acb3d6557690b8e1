//! Which variables a piece of plain Rust reads. Looks into closures, nested macros and inline format arguments.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Expr, ExprPath, Ident, Local, Macro, Pat};

use super::jumps::Loop;
use super::{VarId, Vars};
use crate::syntax::macro_exprs;

/// The variables and loops in scope.
#[derive(Clone, Default)]
pub(crate) struct Env {
    names: Vec<(String, VarId)>,
    pub(super) loops: Vec<Loop>,
    /// What is read and no variable: items, or mistakes.
    pub(super) unknown: Rc<RefCell<BTreeSet<String>>>,
}

impl Env {
    pub(crate) fn bind(&mut self, name: &Ident, var: VarId) {
        self.names.push((name.to_string(), var));
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<VarId> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, var)| *var)
    }

    /// The variables that can be named here, innermost first.
    pub(crate) fn visible(&self) -> impl Iterator<Item = VarId> + '_ {
        self.names.iter().rev().map(|(_, var)| *var)
    }
}

/// What a visit reads.
pub(crate) fn uses(env: &Env, visit: impl FnOnce(&mut Scan<'_>)) -> Vars {
    let mut scan = Scan { env, uses: Vars::new(), shadows: Vec::new() };
    visit(&mut scan);
    scan.uses
}

pub(crate) fn expr_uses(env: &Env, expr: &Expr) -> Vars {
    uses(env, |scan| scan.visit_expr(expr))
}

/// A name that a pattern binds.
pub(crate) struct Bound {
    pub(crate) name: Ident,
    pub(crate) mutable: bool,
}

/// The names a pattern binds, in order. An upper-case name is a constant or variant.
pub(crate) fn pattern_names(pat: &Pat) -> Vec<Bound> {
    struct Names(Vec<Bound>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            let constant = pat.by_ref.is_none() && pat.subpat.is_none() && is_constant(&pat.ident);
            let name = pat.ident.clone();
            if !constant && !self.0.iter().any(|bound| bound.name == name) {
                self.0.push(Bound { name, mutable: pat.mutability.is_some() });
            }
            visit::visit_pat_ident(self, pat);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pat);
    names.0
}

fn is_constant(name: &Ident) -> bool {
    name.to_string().starts_with(char::is_uppercase)
}

/// Collects uses; names bound inside of what is visited hide the outer ones.
pub(crate) struct Scan<'e> {
    env: &'e Env,
    uses: Vars,
    shadows: Vec<String>,
}

impl Scan<'_> {
    fn name(&mut self, name: &str) {
        if !self.shadows.iter().any(|shadow| shadow == name) {
            match self.env.lookup(name) {
                Some(var) => drop(self.uses.insert(var)),
                // A constant or a variant is no misspelt variable.
                None if name.starts_with(char::is_uppercase) => {}
                None => drop(self.env.unknown.borrow_mut().insert(name.to_owned())),
            }
        }
    }

    fn hide(&mut self, pat: &Pat) {
        self.shadows.extend(pattern_names(pat).into_iter().map(|bound| bound.name.to_string()));
    }

    fn scoped(&mut self, visit: impl FnOnce(&mut Self)) {
        let depth = self.shadows.len();
        visit(self);
        self.shadows.truncate(depth);
    }

    /// `"{draft} and {0} and {{}}"` names `draft`.
    fn format_string(&mut self, text: &str) {
        for piece in text.replace("{{", "").split('{').skip(1) {
            let name: String = piece.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            self.name(&name);
        }
    }

    /// Tokens that are no expressions: every word that could be a variable.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut after_dot = false;
        while let Some(token) = tokens.next() {
            let dot = std::mem::replace(&mut after_dot, matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '.'));
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(name) if !dot && !before_single_colon(&mut tokens) => self.name(&name.to_string()),
                TokenTree::Literal(literal) => self.format_string(&literal.to_string()),
                _ => {}
            }
        }
    }
}

/// `name:` is a field; `name::` is a path.
fn before_single_colon(tokens: &mut std::iter::Peekable<proc_macro2::token_stream::IntoIter>) -> bool {
    matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == proc_macro2::Spacing::Alone)
}

impl<'ast> Visit<'ast> for Scan<'_> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(name) = path.path.get_ident() {
            self.name(&name.to_string());
        }
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        match macro_exprs(mac) {
            Some(exprs) => exprs.iter().for_each(|expr| match expr {
                // `name = value` in a format macro is an argument's name.
                Expr::Assign(assign) => self.visit_expr(&assign.right),
                expr => self.visit_expr(expr),
            }),
            None => self.tokens(mac.tokens.clone()),
        }
        for literal in literals(mac.tokens.clone()) {
            self.format_string(&literal);
        }
    }
    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.scoped(|scan| visit::visit_block(scan, block));
    }
    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        self.hide(&local.pat);
    }
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.scoped(|scan| {
            closure.inputs.iter().for_each(|pat| scan.hide(pat));
            scan.visit_expr(&closure.body);
        });
    }
    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.scoped(|scan| {
            scan.hide(&arm.pat);
            visit::visit_arm(scan, arm);
        });
    }
    fn visit_expr_let(&mut self, expr: &'ast syn::ExprLet) {
        self.visit_expr(&expr.expr);
        self.hide(&expr.pat);
    }
    fn visit_expr_if(&mut self, expr: &'ast syn::ExprIf) {
        self.scoped(|scan| {
            scan.visit_expr(&expr.cond);
            scan.visit_block(&expr.then_branch);
        });
        if let Some((_, otherwise)) = &expr.else_branch {
            self.visit_expr(otherwise);
        }
    }
    fn visit_expr_while(&mut self, expr: &'ast syn::ExprWhile) {
        self.scoped(|scan| visit::visit_expr_while(scan, expr));
    }
    fn visit_expr_for_loop(&mut self, expr: &'ast syn::ExprForLoop) {
        self.visit_expr(&expr.expr);
        self.scoped(|scan| {
            scan.hide(&expr.pat);
            scan.visit_block(&expr.body);
        });
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn literals(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Literal(literal) if literal.to_string().contains('{') => found.push(literal.to_string()),
            TokenTree::Group(group) => found.extend(literals(group.stream())),
            _ => {}
        }
    }
    found
}
