//! A `loop` that a run would never come out of.

use syn::visit::{self, Visit};
use syn::{Expr, Macro, Token};

use crate::diagnostic::Errors;

/// Macros that go on behind themselves. What another one does, a `return` or a panic, is not known.
const GO_ON: &[&str] = &[
    "println", "print", "eprintln", "eprint", "format", "write", "writeln", "vec", "dbg", "matches", "trace", "debug", "info",
    "warn", "error",
];

/// Functions that never return.
const NEVER_RETURN: &[&str] = &["exit", "abort", "panic_any", "resume_unwind"];

/// Rule `reachable`: a `loop` without an `.await` is left some time.
///
/// ```text
/// loop { count += 1; }                             ✗
/// loop { count += 1; if count > 9 { break; } }     ✓
/// ```
pub(super) struct Endless<'e> {
    pub(super) errors: &'e mut Errors,
}

impl<'ast> Visit<'ast> for Endless<'_> {
    fn visit_expr_loop(&mut self, found: &'ast syn::ExprLoop) {
        let mut ways = WaysOut { inner: 0, found: false };
        ways.visit_block(&found.body);
        if ways.found {
            visit::visit_expr_loop(self, found);
        } else {
            refuse(found.loop_token, self.errors);
        }
    }
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn refuse(token: Token![loop], errors: &mut Errors) {
    let message = "this `loop` awaits nothing and has no way out, so the run would stay in it: leave it with `break`, or await a step in it";
    errors.beside(token.span, message);
}

/// Whether anything leads out of the body of a loop.
struct WaysOut {
    /// Loops around, inside of that body.
    inner: usize,
    found: bool,
}

impl WaysOut {
    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        self.inner += 1;
        visit(self);
        self.inner -= 1;
    }
}

impl<'ast> Visit<'ast> for WaysOut {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.found |= matches!(expr, Expr::Return(_) | Expr::Try(_) | Expr::Await(_) | Expr::Verbatim(_));
        visit::visit_expr(self, expr);
    }
    fn visit_expr_break(&mut self, jump: &'ast syn::ExprBreak) {
        self.found |= self.inner == 0 || jump.label.is_some();
        visit::visit_expr_break(self, jump);
    }
    fn visit_expr_continue(&mut self, jump: &'ast syn::ExprContinue) {
        self.found |= jump.label.is_some();
    }
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let last = path.path.segments.last();
            self.found |= last.is_some_and(|last| NEVER_RETURN.iter().any(|name| last.ident == name));
        }
        visit::visit_expr_call(self, call);
    }
    fn visit_macro(&mut self, mac: &'ast Macro) {
        let goes_on = mac.path.segments.last().is_some_and(|last| GO_ON.iter().any(|name| last.ident == name));
        let text = mac.tokens.to_string();
        self.found |= !goes_on || ["?", "return", "break"].iter().any(|way| text.contains(way));
    }
    fn visit_expr_loop(&mut self, inner: &'ast syn::ExprLoop) {
        self.inside(|ways| visit::visit_expr_loop(ways, inner));
    }
    fn visit_expr_while(&mut self, inner: &'ast syn::ExprWhile) {
        self.inside(|ways| visit::visit_expr_while(ways, inner));
    }
    fn visit_expr_for_loop(&mut self, inner: &'ast syn::ExprForLoop) {
        self.inside(|ways| visit::visit_expr_for_loop(ways, inner));
    }
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
