//! The rules that are judged where a name is still in scope.

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprPath, Ident, Stmt};

use super::endless::Endless;
use super::lower::Lower;
use super::names::Env;
use super::{MachineId, Origin, Var, VarId, VarType};
use crate::diagnostic::Errors;
use crate::syntax::AwaitError;

/// The input, which is stored whatever its name is.
const INPUT: VarId = 0;

impl Lower<'_> {
    /// Rule `awaited`: only a node may be awaited.
    ///
    /// ```text
    /// let job = research(&brief);
    /// job.await?                       ✗ `job` by itself
    /// research(&brief).await?          ✓
    /// ```
    pub(super) fn refuse_await(&mut self, error: &AwaitError) {
        match error {
            AwaitError::NoNode { span, what } => self.errors.beside(
                *span,
                format!(
                    "{what} cannot be awaited, only the call of a `#[step]`, a `#[suspend]` point or a workflow: `step(args).await`"
                ),
            ),
            AwaitError::Itself(name) => {
                let message = format!(
                    "`{name}` by itself cannot be awaited: write `.await` right behind the call of a `#[step]`, a `#[suspend]` point or a workflow, `step(args).await`"
                );
                self.errors.at(name.span(), message);
            }
            AwaitError::Written(error) => self.errors.push_beside(error.clone()),
        }
    }

    /// Rule `awaited`, for what looks like a call of a node.
    pub(super) fn check_node(&mut self, path: &ExprPath, env: &Env) {
        if let Some(name) = path.path.get_ident()
            && env.lookup(&name.to_string()).is_some()
        {
            self.errors.at(
                name.span(),
                format!("`{name}` is a local variable, not a node: await a `#[step]`, a `#[suspend]` point or a workflow"),
            );
        }
    }

    /// Rule `guards`: a value that is only held, never read, would be dropped at the next place.
    ///
    /// ```text
    /// let _guard = span.enter();
    /// note().await?;                                   ✗ `_guard` would be gone here
    /// { let _guard = span.enter(); work(); }           ✓
    /// note().await?;
    /// ```
    pub(super) fn check_guards(&mut self, env: &Env, place: &str) {
        let found = env.visible().filter(|var| *var != INPUT && is_guard(&self.graph.vars[*var]));
        let held: Vec<_> = found.filter(|var| !self.guards.contains(var)).collect();
        for var in held {
            self.guards.push(var);
            let name = self.graph.vars[var].name.clone();
            let message = format!(
                "`{name}` is only held, which no run can do across `.await` of `{place}`: end its block before, or hold it inside of the step"
            );
            self.errors.beside(name.span(), message);
        }
    }

    /// Rule `arms`: an arm borrows what is outside of it.
    ///
    /// ```text
    /// let a = try_join!(#[at(a)] async { count += 1; .. }, ..)?;         ✗
    /// let (more, b) = try_join!(#[at(a)] async { .. Ok(1) }, ..)?;       ✓
    /// count += more;
    /// ```
    pub(super) fn check_plain(&mut self, stmt: &Stmt, env: &Env) {
        let vars = &self.graph.vars;
        let mut assigned = Assigned { env, vars, machine: self.machine, errors: self.errors };
        assigned.visit_stmt(stmt);
        Endless { errors: self.errors }.visit_stmt(stmt);
    }
}

fn is_guard(var: &Var) -> bool {
    let name = var.name.to_string();
    let from_node = matches!(var.ty, VarType::Output(_) | VarType::Result(_) | VarType::Tuple(_));
    name.starts_with('_') && name.len() > 1 && !from_node && matches!(var.origin, Origin::Let)
}

struct Assigned<'a> {
    env: &'a Env,
    vars: &'a [Var],
    machine: MachineId,
    errors: &'a mut Errors,
}

impl Assigned<'_> {
    fn target(&mut self, left: &Expr) {
        let Some(name) = base(left) else { return };
        let Some(var) = self.env.lookup(&name.to_string()) else { return };
        if self.vars[var].machine != self.machine {
            let message = format!(
                "`{name}` belongs to the workflow around this arm, which only borrows it: return the new value from the arm"
            );
            self.errors.at(name.span(), message);
        }
    }
}

impl<'ast> Visit<'ast> for Assigned<'_> {
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.target(&assign.left);
        visit::visit_expr_assign(self, assign);
    }
    fn visit_expr_binary(&mut self, both: &'ast syn::ExprBinary) {
        let assigns = matches!(
            both.op,
            BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::MulAssign(_)
                | BinOp::DivAssign(_)
                | BinOp::RemAssign(_)
                | BinOp::BitXorAssign(_)
                | BinOp::BitAndAssign(_)
                | BinOp::BitOrAssign(_)
                | BinOp::ShlAssign(_)
                | BinOp::ShrAssign(_)
        );
        if assigns {
            self.target(&both.left);
        }
        visit::visit_expr_binary(self, both);
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn base(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Field(field) => base(&field.base),
        Expr::Index(index) => base(&index.expr),
        Expr::Paren(inner) => base(&inner.expr),
        _ => None,
    }
}
