//! Branches and loops that hold places. What follows a branch is a merge of its own where an arm comes back from a
//! place; else the branch stays an expression, and what follows stays behind it.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Pat};

use super::expr::{first_await, holds_place};
use super::jumps::Loop;
use super::lower::{End, Lower, Then, Value, path_expr, unit};
use super::names::{Env, expr_uses};
use super::{Arm, BlockId, Branch, Carried, Entry, Exit, Item, Tree, VarId, VarType};

impl Lower<'_> {
    /// The value where its ways have met.
    fn arrived(&self, carried: Option<VarId>, mut env: Env) -> (Value, Env) {
        let Some(var) = carried else { return (unit(), env) };
        let (name, ty) = (self.graph.vars[var].name.clone(), self.graph.vars[var].ty.clone());
        env.bind(&name, var);
        (Value { expr: path_expr(&name), ty }, env)
    }

    /// Gives the arms of a branch one end. Where none comes back from a place the branch stays an expression and
    /// what follows stays behind it; else what follows is a merge of its own.
    fn merged(
        &mut self,
        env: Env,
        end: End<'_>,
        span: Span,
        branch: impl FnOnce(&mut Self, &dyn Fn() -> End<'static>) -> Tree,
    ) -> Tree {
        let discards = end.discards();
        let (ty, then) = match end {
            End::Done => return branch(self, &|| End::Done),
            End::Goto(block, into) => return branch(self, &move || End::Goto(block, into)),
            End::Then(then) | End::Discard(then) => (VarType::Unknown, then),
            End::Typed(ty, then) => (VarType::Written(ty), then),
        };
        let temp = (!discards).then(|| self.temp("value", span, ty));
        let merge = self.new_block(Entry::Merge(temp));
        let mut tree = branch(self, &move || End::Goto(merge, temp));
        let preds = self.machine().blocks[merge].preds.clone();
        if preds.is_empty() {
            return tree;
        }
        let (value, env) = self.arrived(temp, env);
        if preds.iter().all(|pred| *pred == self.block) {
            fall_through(&mut tree, merge);
            if let Some(Item::Branch { value, .. }) = tree.last_mut() {
                *value = temp;
            }
            tree.extend(then(self, value, env));
        } else {
            self.fill(merge, |lower| then(lower, value, env));
        }
        tree
    }

    pub(super) fn branch_if(&mut self, branch: syn::ExprIf, env: Env, end: End<'_>) -> Tree {
        let syn::ExprIf { cond, then_branch, else_branch, .. } = branch;
        let outside = env.clone();
        self.condition(
            *cond,
            env,
            Box::new(move |lower, cond, env| {
                let span = cond.expr.span();
                lower.merged(outside.clone(), end, span, |lower, end| {
                    let (uses, mut then_env) = (expr_uses(&env, &cond.expr), env.clone());
                    let defs = lower.bind_condition(&cond.expr, &mut then_env);
                    let then = lower.stmts(&then_branch.stmts, then_env, end());
                    let otherwise = match else_branch {
                        Some((_, otherwise)) => lower.value(*otherwise, outside.clone(), end()),
                        None => lower.finish(unit(), outside.clone(), end()),
                    };
                    let branch = Branch::If { cond: cond.expr, shown: None, uses, defs, then, otherwise };
                    vec![Item::Branch { value: None, branch, id: lower.branch() }]
                })
            }),
        )
    }

    /// A condition; `if let x = place()` takes the place first.
    fn condition(&mut self, cond: Expr, env: Env, then: Then<'_>) -> Tree {
        match cond {
            Expr::Let(mut inner) if holds_place(&inner.expr) => {
                let value = std::mem::replace(&mut *inner.expr, unit().expr);
                let then: Then<'_> = Box::new(move |lower, value, env| {
                    *inner.expr = value.expr;
                    then(lower, Value { expr: Expr::Let(inner), ty: VarType::Unknown }, env)
                });
                self.expr(value, env, then)
            }
            cond => self.expr(cond, env, then),
        }
    }

    /// The names that the `let`s of a condition bind.
    fn bind_condition(&mut self, cond: &Expr, env: &mut Env) -> Vec<VarId> {
        match cond {
            Expr::Let(inner) => self.bind_arm(&inner.pat, &Value { expr: (*inner.expr).clone(), ty: VarType::Unknown }, env),
            Expr::Binary(both) if matches!(both.op, BinOp::And(_)) => {
                let mut defs = self.bind_condition(&both.left, env);
                defs.extend(self.bind_condition(&both.right, env));
                defs
            }
            Expr::Paren(inner) => self.bind_condition(&inner.expr, env),
            _ => Vec::new(),
        }
    }

    pub(super) fn branch_match(&mut self, branch: syn::ExprMatch, env: Env, end: End<'_>) -> Tree {
        let (value, arms) = (*branch.expr, branch.arms);
        let outside = env.clone();
        self.expr(
            value,
            env,
            Box::new(move |lower, value, env| {
                let span = branch.match_token.span;
                lower.merged(outside, end, span, |lower, end| {
                    let uses = expr_uses(&env, &value.expr);
                    let arms = arms.into_iter().map(|arm| lower.match_arm(arm, &value, &env, end())).collect();
                    vec![Item::Branch {
                        value: None,
                        branch: Branch::Match { value: value.expr, uses, arms },
                        id: lower.branch(),
                    }]
                })
            }),
        )
    }

    fn match_arm(&mut self, arm: syn::Arm, value: &Value, env: &Env, end: End<'static>) -> Arm {
        let mut env = env.clone();
        let (pat, guard) = match arm.pat {
            Pat::Guard(guarded) => (*guarded.pat, Some(*guarded.guard)),
            pat => (pat, None),
        };
        let defs = self.bind_arm(&pat, value, &mut env);
        let uses = guard.iter().flat_map(|guard| expr_uses(&env, guard)).filter(|var| !defs.contains(var)).collect();
        if let Some(guard) = guard.as_ref().filter(|guard| holds_place(guard)) {
            self.errors.at(
                first_await(guard).unwrap_or_else(|| guard.span()),
                "an `.await` cannot stand in a guard: put it into a `let` before the `match`",
            );
        }
        let body = self.value(*arm.body, env, end);
        Arm { pat, guard, uses, defs, body }
    }

    pub(super) fn while_loop(&mut self, inner: syn::ExprWhile, env: Env, end: End<'_>) -> Tree {
        let (head, after) = (self.new_block(Entry::Merge(None)), self.new_block(Entry::Merge(None)));
        let label = inner.label.map(|label| label.name);
        let mut body_env = env.clone();
        body_env.loops.push(Loop { label, head, after, value: None, block: false });
        let (cond, body) = (*inner.cond, inner.body);
        self.fill(head, |lower| {
            let then: Then<'_> = Box::new(move |lower, cond, env| {
                let (uses, mut then_env) = (expr_uses(&env, &cond.expr), env.clone());
                let defs = lower.bind_condition(&cond.expr, &mut then_env);
                let then = lower.stmts(&body.stmts, then_env, End::Goto(head, None));
                let otherwise = lower.finish(unit(), env, End::Goto(after, None));
                let branch = Branch::If { cond: cond.expr, shown: None, uses, defs, then, otherwise };
                vec![Item::Branch { value: None, branch, id: lower.branch() }]
            });
            lower.condition(cond, body_env, then)
        });
        self.fill(after, |lower| lower.finish(unit(), env.clone(), end));
        self.finish(unit(), env, End::Goto(head, None))
    }

    pub(super) fn endless_loop(&mut self, inner: syn::ExprLoop, env: Env, end: End<'_>) -> Tree {
        let temp = (!end.discards()).then(|| self.temp("value", inner.loop_token.span, VarType::Unknown));
        let (head, after) = (self.new_block(Entry::Merge(None)), self.new_block(Entry::Merge(temp)));
        let label = inner.label.map(|label| label.name);
        let mut body_env = env.clone();
        body_env.loops.push(Loop { label, head, after, value: temp, block: false });
        self.fill(head, |lower| lower.stmts(&inner.body.stmts, body_env, End::Goto(head, None)));
        if !self.machine().blocks[after].preds.is_empty() {
            let (value, env) = self.arrived(temp, env.clone());
            self.fill(after, |lower| lower.finish(value, env, end));
        }
        self.finish(unit(), env, End::Goto(head, None))
    }
}

impl Lower<'_> {
    /// `'found: { .. break 'found value; .. value }`
    pub(super) fn labelled_block(&mut self, block: syn::ExprBlock, env: Env, end: End<'_>) -> Tree {
        let label = block.label.map(|label| label.name);
        let open = block.block.brace_token.span.open();
        let temp = (!end.discards()).then(|| self.temp("value", open, VarType::Unknown));
        let after = self.new_block(Entry::Merge(temp));
        let mut inside = env.clone();
        inside.loops.push(Loop { label, head: after, after, value: temp, block: true });
        let tree = self.stmts(&block.block.stmts, inside, End::Goto(after, temp));
        let (value, env) = self.arrived(temp, env);
        self.fill(after, |lower| lower.finish(value, env, end));
        tree
    }
}

/// Turns the exits to a merge that stand in the tail of a tree into its value.
fn fall_through(tree: &mut Tree, merge: BlockId) {
    let Some(last) = tree.last_mut() else { return };
    match last {
        Item::Exit(exit) => {
            if let Exit::Goto(block, carried) = exit
                && *block == merge
            {
                let none = || Carried { into: None, expr: unit().expr, uses: Default::default() };
                *exit = Exit::Fall(carried.take().unwrap_or_else(none));
            }
        }
        Item::Branch { branch, .. } => match branch {
            Branch::If { then, otherwise, .. } => {
                fall_through(then, merge);
                fall_through(otherwise, merge);
            }
            Branch::Match { arms, .. } => arms.iter_mut().for_each(|arm| fall_through(&mut arm.body, merge)),
            Branch::LetElse { .. } => {}
        },
        Item::Plain(_) => {}
    }
}
