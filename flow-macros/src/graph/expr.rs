//! Expressions that hold places: a place becomes an exit and a block, everything around it stays as it is.

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{BinOp, Expr, Stmt, parse_quote};

use super::jumps::{Jumps, target};
use super::lower::{End, Lower, Then, Value, path_expr, unit};
use super::names::{Env, expr_uses};
use super::{Called, Entry, Exit, Item, Place, PlaceKind, Tree, VarType};
use crate::diagnostic::snake;
use crate::syntax::{Awaited, Label, PlaceExpr, has_place, place_of};

/// Whether an expression holds a place.
pub(super) fn holds_place(expr: &Expr) -> bool {
    has_place(|places| places.visit_expr(expr))
}

impl Lower<'_> {
    /// An expression in a position whose value goes to `end`.
    pub(super) fn value(&mut self, expr: Expr, env: Env, end: End<'_>) -> Tree {
        if !holds_place(&expr) {
            return self.plain_value(expr, env, end);
        }
        match expr {
            Expr::If(branch) => self.branch_if(branch, env, end),
            Expr::Match(branch) => self.branch_match(branch, env, end),
            Expr::Block(block) if block.label.is_none() => self.block_value(&block.block.stmts, env, end),
            Expr::Block(block) => self.labelled_block(block, env, end),
            Expr::While(inner) => self.while_loop(inner, env, end),
            Expr::ForLoop(inner) => self.for_loop(inner, env, end),
            Expr::Loop(inner) => self.endless_loop(inner, env, end),
            Expr::Paren(inner) => self.value(*inner.expr, env, end),
            Expr::Group(inner) => self.value(*inner.expr, env, end),
            Expr::Return(ret) => {
                let value = ret.expr.map_or_else(|| parse_quote!(()), |value| *value);
                self.value(value, env, End::Done)
            }
            Expr::Break(jump) => {
                let Some(at) = target(&env.loops, &jump.label).cloned() else { return Tree::new() };
                self.value(jump.expr.map_or_else(|| unit().expr, |value| *value), env, End::Goto(at.after, at.value))
            }
            expr if matches!(end, End::Done) => self.tail(expr, env),
            expr => self.expr(expr, env, Box::new(move |lower, value, env| lower.finish(value, env, end))),
        }
    }

    /// A tail `x(..).await` converts its error as `?` does.
    fn tail(&mut self, expr: Expr, env: Env) -> Tree {
        let is_node = matches!(&expr, Expr::Await(_)) && matches!(place_of(&expr), Some(Ok(_)));
        let expr = if is_node && !self.keeps_step_error() { parse_quote!(#expr?) } else { expr };
        self.expr(
            expr,
            env,
            Box::new(move |lower, mut value, env| {
                if is_node && !lower.keeps_step_error() {
                    let inner = &value.expr;
                    value.expr = parse_quote!(::core::result::Result::Ok(#inner));
                }
                lower.finish(value, env, End::Done)
            }),
        )
    }

    /// An arm of `join!` that is one node gives the node's own `Result`.
    fn keeps_step_error(&self) -> bool {
        let machine = &self.graph.machines[self.machine];
        machine.single && machine.keeps_error
    }

    /// A value without a place; it may still jump.
    fn plain_value(&mut self, expr: Expr, env: Env, end: End<'_>) -> Tree {
        let mut looked_at = expr.clone();
        let mut jumps = Jumps::new(&mut self.graph, &env.loops);
        jumps.visit_expr_mut(&mut looked_at);
        if looked_at == expr {
            self.check_plain(&Stmt::Expr(expr.clone(), None), &env);
            return self.finish(Value { expr, ty: VarType::Unknown }, env, end);
        }
        if matches!(expr, Expr::Return(_) | Expr::Break(_) | Expr::Continue(_)) {
            let stmt = Stmt::Expr(expr, Some(Default::default()));
            return vec![Item::Plain(self.plain(stmt, &mut env.clone(), None))];
        }
        let temp = self.temp("tail", expr.span(), VarType::Unknown);
        let name = self.graph.vars[temp].name.clone();
        let stmt: Stmt = parse_quote!(let #name = #expr;);
        let mut env = env;
        let mut item = self.plain(stmt, &mut env.clone(), None);
        item.defs = vec![temp];
        env.bind(&name, temp);
        let mut tree = vec![Item::Plain(item)];
        tree.extend(self.finish(Value { expr: path_expr(&name), ty: VarType::Unknown }, env, end));
        tree
    }

    /// An expression that holds a place somewhere; `then` gets what is left of it.
    pub(super) fn expr(&mut self, expr: Expr, env: Env, then: Then<'_>) -> Tree {
        if !holds_place(&expr) {
            return then(self, Value { expr, ty: VarType::Unknown }, env);
        }
        match place_of(&expr) {
            Some(Ok(place)) => return self.place(place, env, then),
            Some(Err(error)) => {
                self.refuse_await(&error);
                return then(self, refused(), env);
            }
            None => {}
        }
        match expr {
            Expr::If(_)
            | Expr::Match(_)
            | Expr::While(_)
            | Expr::ForLoop(_)
            | Expr::Loop(_)
            | Expr::Paren(_)
            | Expr::Group(_) => self.value(expr, env, End::Then(then)),
            Expr::Return(_) | Expr::Break(_) => self.value(expr, env, End::Then(then)),
            Expr::Block(_) => self.value(expr, env, End::Then(then)),
            expr => self.around(expr, env, then),
        }
    }

    /// An expression with a place among its parts: the part comes first, the rest follows it.
    fn around(&mut self, mut expr: Expr, env: Env, then: Then<'_>) -> Tree {
        if let Some(lazy) = lazy_place(&expr) {
            self.errors.beside(lazy, "an `.await` behind `&&` or `||` runs only sometimes: write an `if`");
            return then(self, refused(), env);
        }
        let place = parts(&mut expr).and_then(|parts| parts.iter().position(|part| holds_place(part)));
        let (Some(index), Some(mut parts)) = (place, parts(&mut expr)) else {
            self.refuse_position(&expr);
            return then(self, refused(), env);
        };
        if let closure @ Expr::Closure(_) = &*parts[index] {
            self.refuse_position(closure);
            return then(self, refused(), env);
        }
        if let Some(early) = parts[..index].iter().find(|part| !is_still(part)) {
            self.errors.under(early, "this runs before the `.await` beside it: put it into a `let` of its own first");
            return then(self, refused(), env);
        }
        let part = std::mem::replace(parts[index], unit().expr);
        self.expr(
            part,
            env,
            Box::new(move |lower, value, env| {
                if let Some(parts) = self::parts(&mut expr) {
                    for (at, part) in parts.into_iter().enumerate() {
                        if at == index {
                            *part = value.expr.clone();
                        }
                    }
                }
                lower.expr(expr, env, then)
            }),
        )
    }

    fn refuse_position(&mut self, expr: &Expr) {
        let span = first_await(expr).unwrap_or_else(|| expr.span());
        let message = match expr {
            Expr::Closure(_) => {
                "an `.await` cannot stand in a closure: write a `for`, or `try_join_all!(&items, |item| step(item))`"
            }
            Expr::Macro(_) => "an `.await` cannot stand in a macro: put it into a `let` before",
            _ => "an `.await` cannot stand here: put it into a `let` before",
        };
        self.errors.beside(span, message);
    }

    /// A place: an exit here, and a block that begins when its node has finished.
    fn place(&mut self, place: PlaceExpr, env: Env, then: Then<'_>) -> Tree {
        match place.awaited {
            Awaited::Node { path, args, .. } => {
                let call = args.into_iter().collect();
                self.node_args(place.label, place.span, path, call, place.question, env, then)
            }
            Awaited::Join { mode, arms, span } => self.join(place.label, span, mode, arms, place.question, env, then),
            Awaited::Many(many) => self.many(place.label, *many, place.question, env, then),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one expression, taken apart once")]
    fn node_args(
        &mut self,
        label: Option<Label>,
        span: Span,
        path: syn::ExprPath,
        args: Vec<Expr>,
        question: bool,
        env: Env,
        then: Then<'_>,
    ) -> Tree {
        let Some(index) = args.iter().position(holds_place) else {
            return self.node(label, span, path, args, question, env, then);
        };
        if let Some(early) = args[..index].iter().find(|part| !is_still(part)) {
            self.errors.under(early, "this runs before the `.await` beside it: put it into a `let` of its own first");
            return then(self, refused(), env);
        }
        let arg = args[index].clone();
        self.expr(
            arg,
            env,
            Box::new(move |lower, value, env| {
                let mut args = args;
                args[index] = value.expr;
                lower.node_args(label, span, path, args, question, env, then)
            }),
        )
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one expression, taken apart once")]
    fn node(
        &mut self,
        label: Option<Label>,
        span: Span,
        path: syn::ExprPath,
        args: Vec<Expr>,
        question: bool,
        env: Env,
        then: Then<'_>,
    ) -> Tree {
        self.check_node(&path, &env);
        let called = path.path.segments.last().map(|segment| snake(&segment.ident.to_string())).unwrap_or_default();
        let called = Called::of(label, || called, span);
        let uses = args.iter().flat_map(|arg| expr_uses(&env, arg)).collect();
        args.iter().for_each(|arg| self.check_plain(&Stmt::Expr(arg.clone(), None), &env));
        let ty = if question { VarType::Output(Box::new(path.clone())) } else { VarType::Result(Box::new(path.clone())) };
        let kind = PlaceKind::Node { path, args };
        self.enter(called, kind, question, uses, ty, env, then)
    }

    /// The exit to a place, and what follows it.
    #[expect(clippy::too_many_arguments, reason = "the parts of one place")]
    pub(super) fn enter(
        &mut self,
        called: Called,
        kind: PlaceKind,
        question: bool,
        uses: super::Vars,
        ty: VarType,
        mut env: Env,
        then: Then<'_>,
    ) -> Tree {
        self.check_guards(&env, &called.name);
        let Called { name, span, was } = called;
        let value = self.temp(&name, span, ty.clone());
        let place = self.machine().places.len();
        let block = self.new_block(Entry::Place(place));
        self.machine().places.push(Place { name, was, span, kind, question, value, block, uses, live: Default::default() });
        let value_name = self.graph.vars[value].name.clone();
        env.bind(&value_name, value);
        self.fill(block, |lower| then(lower, Value { expr: path_expr(&value_name), ty }, env));
        vec![Item::Exit(Exit::Place(place))]
    }

    fn block_value(&mut self, stmts: &[Stmt], env: Env, end: End<'_>) -> Tree {
        let outside = env.clone();
        let then = match end {
            End::Then(then) | End::Typed(_, then) => then,
            End::Discard(then) => {
                let then: Then<'_> = Box::new(move |lower, value, inside| {
                    let mut tree = Tree::from_iter(lower.discard(value, &inside));
                    tree.extend(then(lower, unit(), outside));
                    tree
                });
                return self.stmts(stmts, env, End::Discard(then));
            }
            end => return self.stmts(stmts, env, end),
        };
        let then: Then<'_> = Box::new(move |lower, value, mut inside| {
            // Bound inside of the block's scope, so that names of the block do not reach what follows it.
            let temp = lower.temp("block", value.expr.span(), value.ty.clone());
            let (name, expr) = (lower.graph.vars[temp].name.clone(), value.expr);
            let mut item = lower.plain(parse_quote!(let #name = #expr;), &mut inside, None);
            item.defs = vec![temp];
            let mut env = outside;
            env.bind(&name, temp);
            let mut tree = vec![Item::Plain(item)];
            tree.extend(then(lower, Value { expr: path_expr(&name), ty: value.ty }, env));
            tree
        });
        self.stmts(stmts, env, End::Then(then))
    }
}

/// What stands for an expression that was refused, so that the rest is looked at too.
fn refused() -> Value {
    Value { expr: parse_quote!(::core::unreachable!()), ty: VarType::Refused }
}

/// The parts of an expression in the order they are evaluated.
fn parts(expr: &mut Expr) -> Option<Vec<&mut Expr>> {
    Some(match expr {
        Expr::Assign(e) => vec![&mut *e.right],
        Expr::Binary(e) => vec![&mut *e.left, &mut *e.right],
        Expr::Unary(e) => vec![&mut *e.expr],
        Expr::Call(e) => std::iter::once(&mut *e.func).chain(e.args.iter_mut()).collect(),
        Expr::MethodCall(e) => std::iter::once(&mut *e.receiver).chain(e.args.iter_mut()).collect(),
        Expr::Field(e) => vec![&mut *e.base],
        Expr::Index(e) => vec![&mut *e.expr, &mut *e.index],
        Expr::Reference(e) => vec![&mut *e.expr],
        Expr::Cast(e) => vec![&mut *e.expr],
        Expr::Try(e) => vec![&mut *e.expr],
        Expr::Tuple(e) => e.elems.iter_mut().collect(),
        Expr::Array(e) => e.elems.iter_mut().collect(),
        Expr::Struct(e) => e.fields.iter_mut().map(|field| &mut field.expr).collect(),
        _ => return None,
    })
}

/// Whether it makes no difference when the expression is evaluated.
fn is_still(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) | Expr::Lit(_) | Expr::Closure(_) => true,
        Expr::Field(e) => is_still(&e.base),
        Expr::Reference(e) => is_still(&e.expr),
        Expr::Paren(e) => is_still(&e.expr),
        Expr::Unary(e) => is_still(&e.expr),
        _ => false,
    }
}

fn lazy_place(expr: &Expr) -> Option<Span> {
    match expr {
        Expr::Binary(e) if matches!(e.op, BinOp::And(_) | BinOp::Or(_)) && holds_place(&e.right) => {
            Some(first_await(&e.right).unwrap_or_else(|| e.op.span()))
        }
        _ => None,
    }
}

/// The first `.await` in an expression, wherever it stands.
pub(super) fn first_await(expr: &Expr) -> Option<Span> {
    fn search(tokens: proc_macro2::TokenStream) -> Option<Span> {
        tokens.into_iter().find_map(|token| match token {
            proc_macro2::TokenTree::Group(group) => search(group.stream()),
            proc_macro2::TokenTree::Ident(ident) if ident == "await" => Some(ident.span()),
            _ => None,
        })
    }
    search(quote!(#expr).into_token_stream())
}
