//! From statements to blocks. Written with continuations: what follows a place is lowered into the place's own block.

use std::rc::Rc;

use proc_macro2::Span;
use quote::{ToTokens, format_ident};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Expr, Ident, Local, Pat, Stmt, Type, parse_quote};

use super::jumps::Jumps;
use super::names::{Env, expr_uses, uses};
use super::{
    Block, BlockId, Branch, Carried, Entry, Exit, Graph, Item, Machine, MachineId, Origin, Plain, Tree, Var, VarId, VarType,
};
use crate::diagnostic::Errors;
use crate::syntax::{Workflow, has_place};

/// Lowers a body; what is wrong is reported and left out.
pub(crate) fn lower(workflow: &Workflow, stmts: &[Stmt], errors: &mut Errors) -> Graph {
    let mut lower = Lower { graph: Graph::default(), errors, machine: 0, block: 0, branches: 0, guards: Vec::new() };
    lower.graph.machines.push(Machine::new(String::new(), None, false, false));
    let mut env = Env::default();
    let ty = VarType::Written(Box::new(workflow.input.clone()));
    let input = lower.var(workflow.binding.clone(), workflow.mutable.is_some(), ty, Origin::Let);
    env.bind(&workflow.binding, input);
    let unknown = Rc::clone(&env.unknown);
    lower.machine_body(stmts, env);
    let mut graph = lower.graph;
    graph.unknown = unknown.take();
    graph.find_live();
    graph
}

impl Machine {
    pub(super) fn new(name: String, parent: Option<(MachineId, super::PlaceId)>, single: bool, keeps_error: bool) -> Self {
        let (blocks, order) = (vec![Block::default()], vec![0]);
        Self { name, parent, single, keeps_error, item: None, blocks, order, places: Vec::new(), items: Vec::new() }
    }
}

pub(super) struct Lower<'e> {
    pub(super) graph: Graph,
    pub(super) errors: &'e mut Errors,
    /// The machine that is being lowered.
    pub(super) machine: MachineId,
    /// The block that is being lowered.
    pub(super) block: BlockId,
    pub(super) branches: usize,
    /// The guards that were reported.
    pub(super) guards: Vec<VarId>,
}

/// A value on its way to where it is used.
pub(super) struct Value {
    pub(super) expr: Expr,
    pub(super) ty: VarType,
}

pub(super) type Then<'k> = Box<dyn FnOnce(&mut Lower<'_>, Value, Env) -> Tree + 'k>;

/// What becomes of the value of a sequence.
pub(super) enum End<'k> {
    /// It is the machine's result.
    Done,
    /// It goes to a merge.
    Goto(BlockId, Option<VarId>),
    Then(Then<'k>),
    /// The same of a value whose type is written.
    Typed(Box<Type>, Then<'k>),
    /// It is of no use; a branch need not carry it.
    Discard(Then<'k>),
}

impl End<'_> {
    pub(super) fn discards(&self) -> bool {
        matches!(self, Self::Discard(_))
    }
}

/// Whether a statement is taken over as it is.
fn is_plain(stmt: &Stmt, rest: &[Stmt]) -> bool {
    match stmt {
        Stmt::Item(_) => true,
        Stmt::Local(local) => !has_place(|p| p.visit_local(local)),
        Stmt::Expr(_, None) if rest.is_empty() => false,
        Stmt::Expr(expr, _) => !has_place(|p| p.visit_expr(expr)),
        Stmt::Macro(mac) => !has_place(|p| p.visit_macro(&mac.mac)),
    }
}

impl Lower<'_> {
    pub(super) fn machine(&mut self) -> &mut Machine {
        &mut self.graph.machines[self.machine]
    }

    pub(super) fn var(&mut self, name: Ident, mutable: bool, ty: VarType, origin: Origin) -> VarId {
        let machine = self.machine;
        self.graph.vars.push(Var { name, mutable, ty, origin, machine });
        self.graph.vars.len() - 1
    }

    pub(super) fn temp(&mut self, name: &str, span: Span, ty: VarType) -> VarId {
        let name = format_ident!("__flow_{name}_{}", self.graph.vars.len(), span = span);
        self.var(name, false, ty, Origin::Temp)
    }

    pub(super) fn new_block(&mut self, entry: Entry) -> BlockId {
        let blocks = &mut self.machine().blocks;
        blocks.push(Block { entry, ..Block::default() });
        blocks.len() - 1
    }

    /// Lowers what belongs into a block.
    pub(super) fn fill(&mut self, block: BlockId, body: impl FnOnce(&mut Self) -> Tree) {
        let before = std::mem::replace(&mut self.block, block);
        self.machine().order.push(block);
        let tree = body(self);
        self.machine().blocks[block].body = tree;
        self.block = before;
    }

    pub(super) fn machine_body(&mut self, stmts: &[Stmt], env: Env) {
        let tree = self.stmts(stmts, env, End::Done);
        self.machine().blocks[0].body = tree;
    }

    pub(super) fn stmts(&mut self, mut stmts: &[Stmt], mut env: Env, end: End<'_>) -> Tree {
        let mut tree = Tree::new();
        while let Some((stmt, rest)) = stmts.split_first() {
            if let Stmt::Item(item) = stmt {
                self.machine().items.push(item.clone());
            } else if is_plain(stmt, rest) {
                tree.push(Item::Plain(self.plain(stmt.clone(), &mut env, None)));
                if rest.is_empty() && is_diverging(stmt) {
                    return tree;
                }
            } else {
                tree.extend(self.placed(stmt, rest, env, end));
                return tree;
            }
            stmts = rest;
        }
        tree.extend(self.finish(unit(), env, end));
        tree
    }

    /// A statement with a place in it, or the value of the sequence, and what follows.
    fn placed(&mut self, stmt: &Stmt, rest: &[Stmt], env: Env, end: End<'_>) -> Tree {
        match stmt {
            Stmt::Local(local) if local.init.as_ref().is_some_and(|init| has_place(|p| p.visit_expr(&init.expr))) => {
                self.local(local.clone(), rest, env, end)
            }
            Stmt::Local(local) => self.let_else(local.clone(), rest, &env.clone(), env, None, end),
            Stmt::Expr(expr, None) if rest.is_empty() => self.value(expr.clone(), env, end),
            Stmt::Expr(expr, _) => {
                let rest_env = env.clone();
                let then: Then<'_> = Box::new(move |lower, value, env| {
                    let discard = lower.discard(value, &env);
                    let mut tree = Tree::from_iter(discard);
                    tree.extend(lower.stmts(rest, rest_env, end));
                    tree
                });
                self.value(expr.clone(), env, End::Discard(then))
            }
            Stmt::Macro(mac) => {
                let expr = Expr::Macro(syn::ExprMacro { attrs: mac.attrs.clone(), mac: mac.mac.clone() });
                let as_expr = Stmt::Expr(expr, (mac.semi_token.is_some() || !rest.is_empty()).then(Default::default));
                let mut again = vec![as_expr];
                again.extend(rest.iter().cloned());
                self.stmts(&again, env, end)
            }
            // It has no place.
            Stmt::Item(_) => Tree::new(),
        }
    }

    /// Keeps the value of an expression statement only if something may be in it.
    pub(super) fn discard(&mut self, value: Value, env: &Env) -> Option<Item> {
        let is_temp = matches!(&value.expr, Expr::Path(path) if path.path.get_ident().is_some_and(|n| n.to_string().starts_with("__flow_")));
        let is_unit = matches!(&value.expr, Expr::Tuple(tuple) if tuple.elems.is_empty());
        if is_temp || is_unit {
            return None;
        }
        let stmt = Stmt::Expr(value.expr, Some(Default::default()));
        Some(Item::Plain(self.plain(stmt, &mut env.clone(), None)))
    }

    /// `let pat = <something with a place>;`
    fn local(&mut self, local: Local, rest: &[Stmt], env: Env, end: End<'_>) -> Tree {
        let init = local.init.clone().expect("a local with a place has a value");
        let rest_env = env.clone();
        let ty = if let Pat::Type(typed) = &local.pat { Some(typed.ty.clone()) } else { None };
        let then: Then<'_> = Box::new(move |lower, value, env| {
            let mut local = local;
            let mut bound = rest_env;
            if let Some(init) = &mut local.init {
                *init.expr = value.expr;
            }
            if has_place(|places| places.visit_local(&local)) {
                return lower.let_else(local, rest, &env, bound, Some(value.ty), end);
            }
            let item = lower.plain_in(Stmt::Local(local), &env, &mut bound, Some(value.ty));
            let mut tree = vec![Item::Plain(item)];
            tree.extend(lower.stmts(rest, bound, end));
            tree
        });
        match (ty, *init.expr) {
            (Some(ty), branch @ (Expr::If(_) | Expr::Match(_))) => self.value(branch, env, End::Typed(ty, then)),
            (_, init) => self.expr(init, env, then),
        }
    }

    /// `let pat = plain else { <something with a place> };`, where what it reads and what it binds live in two scopes.
    fn let_else(&mut self, local: Local, rest: &[Stmt], env: &Env, mut bound: Env, ty: Option<VarType>, end: End<'_>) -> Tree {
        let Some(init) = local.init.clone() else { return Tree::new() };
        let Some((_, diverge)) = init.diverge else { return Tree::new() };
        let uses = expr_uses(env, &init.expr);
        let otherwise = self.value(*diverge, bound.clone(), End::Then(Box::new(|_, _, _| Tree::new())));
        let defs = self.bind_pattern(&local.pat, Some(&init.expr), ty, &mut bound);
        let branch = Branch::LetElse { pat: local.pat, value: *init.expr, uses, defs, otherwise };
        let mut tree = vec![Item::Branch { value: None, branch, id: self.branch() }];
        tree.extend(self.stmts(rest, bound, end));
        tree
    }

    /// What becomes of a value at the end of a sequence.
    pub(super) fn finish(&mut self, value: Value, env: Env, end: End<'_>) -> Tree {
        let carried = |value: Value, into| Carried { into, uses: expr_uses(&env, &value.expr), expr: value.expr };
        match end {
            End::Done => vec![Item::Exit(Exit::Done(carried(value, None)))],
            End::Goto(block, into) => {
                if let Some(into) = into
                    && matches!(self.graph.vars[into].ty, VarType::Unknown)
                {
                    self.graph.vars[into].ty = value.ty.clone();
                }
                let from = self.block;
                self.machine().blocks[block].preds.push(from);
                vec![Item::Exit(Exit::Goto(block, Some(carried(value, into))))]
            }
            End::Then(then) | End::Typed(_, then) | End::Discard(then) => then(self, value, env),
        }
    }

    pub(super) fn branch(&mut self) -> usize {
        self.branches += 1;
        self.branches - 1
    }

    /// A statement without a place; binds what it declares.
    pub(super) fn plain(&mut self, stmt: Stmt, env: &mut Env, ty: Option<VarType>) -> Plain {
        let before = env.clone();
        self.plain_in(stmt, &before, env, ty)
    }

    /// The same, where what it reads and what it binds live in two scopes.
    fn plain_in(&mut self, mut stmt: Stmt, env: &Env, bound: &mut Env, ty: Option<VarType>) -> Plain {
        self.check_plain(&stmt, env);
        let uses = uses(env, |scan| scan.visit_stmt(&stmt));
        let kills = killed(&stmt, env).filter(|var| self.graph.vars[*var].machine == self.machine);
        let kill_only = kills.filter(|var| !right_side_uses(&stmt, env).contains(var));
        let uses = uses.into_iter().filter(|var| Some(*var) != kill_only).collect();
        let defs = match &stmt {
            Stmt::Local(local) => {
                let init = local.init.as_ref().map(|init| &*init.expr);
                let ty = ty.or_else(|| self.moved_type(init?, env));
                self.bind_pattern(&local.pat, init, ty, bound)
            }
            _ => Vec::new(),
        };
        let mut jumps = Jumps::new(&mut self.graph, &env.loops);
        jumps.visit_stmt_mut(&mut stmt);
        let (jumps, returns) = (jumps.found, jumps.returns);
        for jump in &jumps {
            let (to, from) = (self.graph.jumps[*jump].to, self.block);
            self.machine().blocks[to].preds.push(from);
        }
        Plain { stmt, uses, defs, kills, jumps, returns }
    }
}

/// The variable that `x = ..;` assigns as a whole.
fn killed(stmt: &Stmt, env: &Env) -> Option<VarId> {
    let Stmt::Expr(Expr::Assign(assign), _) = stmt else { return None };
    let Expr::Path(path) = &*assign.left else { return None };
    env.lookup(&path.path.get_ident()?.to_string())
}

fn right_side_uses(stmt: &Stmt, env: &Env) -> super::Vars {
    match stmt {
        Stmt::Expr(Expr::Assign(assign), _) => expr_uses(env, &assign.right),
        _ => super::Vars::new(),
    }
}

/// Whether nothing can follow: the value of such a tail is `!`.
fn is_diverging(stmt: &Stmt) -> bool {
    match stmt {
        Stmt::Expr(Expr::Return(_) | Expr::Break(_) | Expr::Continue(_), _) => true,
        Stmt::Macro(mac) => diverging_macro(&mac.mac),
        Stmt::Expr(Expr::Macro(mac), _) => diverging_macro(&mac.mac),
        _ => false,
    }
}

fn diverging_macro(mac: &syn::Macro) -> bool {
    let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    matches!(name.as_str(), "panic" | "unreachable" | "todo" | "unimplemented" | "bail")
}

pub(super) fn unit() -> Value {
    Value { expr: parse_quote!(()), ty: VarType::Unknown }
}

pub(super) fn path_expr(name: &Ident) -> Expr {
    syn::parse2(name.to_token_stream()).unwrap_or_else(|_| parse_quote!(()))
}
