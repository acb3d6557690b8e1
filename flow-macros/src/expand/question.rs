//! `x?` as the machine has it: `__cx.through(x)?`, which has no type where the body as written is refused.
//!
//! rustc places what it says about `?` at a span of its own for each `?`, so it would not see that it has said it before.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, parse_quote};

use crate::graph::{Branch, Exit, Graph, Item, PlaceKind, Tree};

pub(super) fn through(graph: &mut Graph) {
    let mut question = Question;
    for machine in &mut graph.machines {
        machine.blocks.iter_mut().for_each(|block| tree(&mut block.body, &mut question));
        for place in &mut machine.places {
            match &mut place.kind {
                PlaceKind::Node { args, .. } => args.iter_mut().for_each(|arg| question.visit_expr_mut(arg)),
                PlaceKind::Many { limit, .. } => limit.iter_mut().for_each(|limit| question.visit_expr_mut(limit)),
                PlaceKind::Join { .. } => {}
            }
        }
    }
    let values = graph.jumps.iter_mut().filter_map(|jump| jump.value.as_mut());
    values.for_each(|(_, value)| question.visit_expr_mut(value));
}

fn tree(items: &mut Tree, question: &mut Question) {
    for item in items {
        match item {
            Item::Plain(plain) => question.visit_stmt_mut(&mut plain.stmt),
            Item::Branch { branch, .. } => self::branch(branch, question),
            Item::Exit(Exit::Goto(_, Some(carried)) | Exit::Fall(carried) | Exit::Done(carried)) => {
                question.visit_expr_mut(&mut carried.expr);
            }
            Item::Exit(_) => {}
        }
    }
}

fn branch(branch: &mut Branch, question: &mut Question) {
    match branch {
        Branch::If { cond, then, otherwise, .. } => {
            question.visit_expr_mut(cond);
            tree(then, question);
            tree(otherwise, question);
        }
        Branch::Match { value, arms, .. } => {
            question.visit_expr_mut(value);
            for arm in arms {
                arm.guard.iter_mut().for_each(|guard| question.visit_expr_mut(guard));
                tree(&mut arm.body, question);
            }
        }
        Branch::LetElse { value, otherwise, .. } => {
            question.visit_expr_mut(value);
            tree(otherwise, question);
        }
    }
}

struct Question;

impl VisitMut for Question {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if matches!(expr, Expr::Closure(_) | Expr::Async(_)) {
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Try(inner) = expr {
            let value = &inner.expr;
            inner.expr = parse_quote!(__cx.through(#value));
        }
    }
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
}
