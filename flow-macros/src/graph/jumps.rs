//! `break`, `continue` and `return` inside of plain statements whose loop, or whose function, is made of blocks.

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Ident, Lifetime, Pat, parse_quote};

use super::names::pattern_names;
use super::{BlockId, Graph, Jump, VarId};

/// A loop that is made of blocks.
#[derive(Clone)]
pub(crate) struct Loop {
    pub(crate) label: Option<Lifetime>,
    pub(crate) head: BlockId,
    pub(crate) after: BlockId,
    /// Where `break value` puts the value.
    pub(crate) value: Option<VarId>,
    /// A labelled block: only a `break` with its label leaves it.
    pub(crate) block: bool,
}

/// The loop a jump means.
pub(crate) fn target<'l>(loops: &'l [Loop], label: &Option<Lifetime>) -> Option<&'l Loop> {
    let named = |known: &&Loop| match label {
        None => !known.block,
        Some(label) => known.label.as_ref().is_some_and(|known| known.ident == label.ident),
    };
    loops.iter().rev().find(named)
}

/// Replaces the jumps of a statement by `__flow_jump!(n)`, and `return x` by the end of the machine.
pub(crate) struct Jumps<'g> {
    pub(crate) graph: &'g mut Graph,
    pub(crate) loops: &'g [Loop],
    pub(crate) found: Vec<usize>,
    /// The plain loops and labelled blocks around.
    pub(crate) inner: Vec<Inner>,
    /// The names bound around, inside of the statement.
    pub(crate) hidden: Vec<Ident>,
    /// Whether it can end the machine.
    pub(crate) returns: bool,
}

/// What a jump inside of a plain statement may mean.
pub(crate) enum Inner {
    Loop(Option<Lifetime>),
    /// A labelled block takes only jumps with its label.
    Block(Lifetime),
}

impl Inner {
    fn of(label: &Option<syn::Label>) -> Self {
        Self::Loop(label.as_ref().map(|label| label.name.clone()))
    }

    fn takes(&self, label: &Option<Lifetime>) -> bool {
        match (self, label) {
            (Self::Loop(_), None) => true,
            (Self::Block(_), None) | (Self::Loop(None), Some(_)) => false,
            (Self::Loop(Some(known)) | Self::Block(known), Some(label)) => known.ident == label.ident,
        }
    }
}

impl<'g> Jumps<'g> {
    pub(crate) fn new(graph: &'g mut Graph, loops: &'g [Loop]) -> Self {
        Self { graph, loops, found: Vec::new(), inner: Vec::new(), hidden: Vec::new(), returns: false }
    }

    fn hide(&mut self, pat: &Pat) {
        self.hidden.extend(pattern_names(pat).into_iter().map(|bound| bound.name));
    }

    fn scoped(&mut self, visit: impl FnOnce(&mut Self)) {
        let depth = self.hidden.len();
        visit(self);
        self.hidden.truncate(depth);
    }

    fn is_inner(&self, label: &Option<Lifetime>) -> bool {
        self.inner.iter().any(|inner| inner.takes(label))
    }

    fn jump(&mut self, jump: Jump) -> Expr {
        let index = self.graph.jumps.len();
        self.graph.jumps.push(jump);
        self.found.push(index);
        parse_quote!(__flow_jump!(#index))
    }

    fn replacement(&mut self, expr: &Expr) -> Option<Expr> {
        match expr {
            Expr::Return(ret) => {
                let value = ret.expr.as_ref().map_or_else(|| quote!(()), |value| quote!(#value));
                let token = ret.return_token;
                self.returns = true;
                Some(Expr::Verbatim(done(&quote!(#token), &value)))
            }
            Expr::Break(jump) if !self.is_inner(&jump.label) => {
                // Outside of a loop; rustc refuses it in the body as written.
                let Some(target) = target(self.loops, &jump.label) else { return Some(parse_quote!(::core::unreachable!())) };
                let (to, into, word) = (target.after, target.value, "break");
                let value = match &jump.expr {
                    Some(value) => Some((into, (**value).clone())),
                    None => into.map(|into| (Some(into), parse_quote!(()))),
                };
                Some(self.jump(Jump { to, value, hidden: self.hidden.clone(), word }))
            }
            Expr::Continue(jump) if !self.is_inner(&jump.label) => {
                let Some(target) = target(self.loops, &jump.label) else { return Some(parse_quote!(::core::unreachable!())) };
                let (to, word) = (target.head, "continue");
                Some(self.jump(Jump { to, value: None, hidden: self.hidden.clone(), word }))
            }
            _ => None,
        }
    }
}

/// The end of a machine with a `Result`.
pub(crate) fn done(ret: &TokenStream, value: &TokenStream) -> TokenStream {
    quote!(#ret __cx.done(#value))
}

impl VisitMut for Jumps<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Closure(_) | Expr::Async(_) => return,
            Expr::If(branch) => {
                self.scoped(|jumps| {
                    jumps.visit_expr_mut(&mut branch.cond);
                    jumps.visit_block_mut(&mut branch.then_branch);
                });
                if let Some((_, otherwise)) = &mut branch.else_branch {
                    self.visit_expr_mut(otherwise);
                }
                return;
            }
            Expr::While(inner) => self.inner.push(Inner::of(&inner.label)),
            Expr::Loop(inner) => self.inner.push(Inner::of(&inner.label)),
            Expr::ForLoop(inner) => self.inner.push(Inner::of(&inner.label)),
            Expr::Block(syn::ExprBlock { label: Some(label), .. }) => self.inner.push(Inner::Block(label.name.clone())),
            _ => {
                visit_mut::visit_expr_mut(self, expr);
                if let Some(replacement) = self.replacement(expr) {
                    *expr = replacement;
                }
                return;
            }
        }
        self.scoped(|jumps| {
            if let Expr::ForLoop(inner) = &*expr {
                jumps.hide(&inner.pat.clone());
            }
            visit_mut::visit_expr_mut(jumps, expr);
        });
        self.inner.pop();
    }
    fn visit_expr_let_mut(&mut self, inner: &mut syn::ExprLet) {
        self.visit_expr_mut(&mut inner.expr);
        self.hide(&inner.pat);
    }
    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        visit_mut::visit_local_mut(self, local);
        self.hide(&local.pat);
    }
    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        self.scoped(|jumps| {
            jumps.hide(&arm.pat);
            visit_mut::visit_arm_mut(jumps, arm);
        });
    }
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        self.scoped(|jumps| visit_mut::visit_block_mut(jumps, block));
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
