//! `for` with places in it. What is stored is how often it has turned; the item is found again by that number.
//!
//! ```text
//! let mut turn = 0;
//! loop { turn += 1; if let Some(page) = turn_of(&pages, turn) { .. } else { break } }
//! ```

use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprForLoop, Pat, Stmt, parse_quote};

use super::jumps::Loop;
use super::lower::{End, Lower, unit};
use super::names::{Env, expr_uses, pattern_names};
use super::ways::pretty;
use super::{BlockId, Branch, Entry, Item, Origin, Tree, VarId, VarType, Vars};
use crate::syntax::{Items, items};

impl Lower<'_> {
    pub(super) fn for_loop(&mut self, inner: ExprForLoop, env: Env, end: End<'_>) -> Tree {
        let ExprForLoop { label, pat, expr, body, .. } = inner;
        self.expr(
            *expr,
            env,
            Box::new(move |lower, list, env| {
                let list = lower.listed(&list.expr, &env);
                let turn = lower.turn(&pat);
                let (head, after) = (lower.new_block(Entry::Merge(None)), lower.new_block(Entry::Merge(None)));
                let mut body_env = env.clone();
                body_env.loops.push(Loop { label: label.map(|label| label.name), head, after, value: None, block: false });
                lower.fill(head, |lower| lower.turned(turn, &pat, &list, &body.stmts, body_env, [head, after]));
                lower.fill(after, |lower| lower.finish(unit(), env.clone(), end));
                let name = &lower.graph.vars[turn].name;
                let mut tree = vec![lower.start_of(turn, parse_quote!(let mut #name: usize = 0;))];
                tree.extend(lower.finish(unit(), env, End::Goto(head, None)));
                tree
            }),
        )
    }

    /// One turn: the next item and the body, or what follows the loop.
    fn turned(&mut self, turn: VarId, pat: &Pat, list: &List, body: &[Stmt], env: Env, [head, after]: [BlockId; 2]) -> Tree {
        let name = self.graph.vars[turn].name.clone();
        let mut item_env = env.clone();
        let defs = self.bind_item(turn, pat, list, &mut item_env);
        let cond = list.item_at(&name, pat);
        let mut uses = list.uses.clone();
        uses.insert(turn);
        let shown = Some((format!("{} in {}", pretty(pat), pretty(&list.shown)), pat.span()));
        let then = self.stmts(body, item_env, End::Goto(head, None));
        let otherwise = self.finish(unit(), env, End::Goto(after, None));
        let branch = Branch::If { cond, shown, uses, defs, then, otherwise };
        vec![self.start_of(turn, parse_quote!(#name += 1;)), Item::Branch { value: None, branch, id: self.branch() }]
    }

    /// The number of turns, stored under the item's name.
    fn turn(&mut self, pat: &Pat) -> VarId {
        let names: Vec<_> = pattern_names(pat).iter().map(|bound| bound.name.to_string()).collect();
        let names: Vec<_> =
            names.iter().map(|name| name.trim_start_matches("r#").trim_matches('_')).filter(|n| !n.is_empty()).collect();
        let stored = names.iter().chain(&["turn"]).copied().collect::<Vec<_>>().join("_");
        let name = format_ident!("__flow_turn_{}", self.graph.vars.len(), span = pat.span());
        self.var(name, true, VarType::Written(parse_quote!(usize)), Origin::Turn(stored))
    }

    /// `let mut turn = 0;` or `turn += 1;`
    fn start_of(&self, turn: VarId, stmt: Stmt) -> Item {
        let declares = matches!(stmt, Stmt::Local(_));
        let (uses, defs) = if declares { (Vars::new(), vec![turn]) } else { (Vars::from([turn]), Vec::new()) };
        Item::Plain(super::Plain { stmt, uses, defs, kills: None, jumps: Vec::new(), returns: false })
    }

    /// The names of the item: made again from the list and the number of turns.
    fn bind_item(&mut self, turn: VarId, pat: &Pat, list: &List, env: &mut Env) -> Vec<VarId> {
        let cond = list.item_at(&self.graph.vars[turn].name.clone(), pat);
        let bases = list.uses.iter().copied().chain([turn]).collect();
        self.bind_rebuilt(pat, quote!(#cond else { ::core::unreachable!() };), bases, env)
    }

    /// Binds names that are made again by a statement wherever they are read.
    pub(super) fn bind_rebuilt(
        &mut self,
        pat: &Pat,
        stmt: proc_macro2::TokenStream,
        bases: Vec<VarId>,
        env: &mut Env,
    ) -> Vec<VarId> {
        let names = pattern_names(pat);
        let first = self.graph.vars.len();
        let siblings: Vec<_> = (first..first + names.len()).collect();
        // What is changed cannot be made again: it is stored like any other variable.
        let changes = names.iter().any(|bound| bound.mutable);
        for bound in &names {
            let origin = if changes {
                Origin::Pattern
            } else {
                Origin::Rebuilt { stmt: stmt.clone(), bases: bases.clone(), siblings: siblings.clone() }
            };
            let var = self.var(bound.name.clone(), bound.mutable, VarType::Unknown, origin);
            env.bind(&bound.name, var);
        }
        siblings
    }

    /// A list that a run can look at again; what cannot is refused.
    pub(super) fn listed(&mut self, list: &Expr, env: &Env) -> List {
        let uses = expr_uses(env, list);
        let taken = match items(list) {
            Ok(Items::Taken) => true,
            Ok(Items::Again { bounds }) => {
                self.check_bounds(&bounds, env);
                false
            }
            Err(refused) => {
                self.errors.at(refused.span, refused.message);
                false
            }
        };
        List { expr: list.clone(), shown: list.to_token_stream(), taken, uses }
    }

    /// Rule `items`: what a range ends at stays what it is while the loop runs.
    ///
    /// ```text
    /// for n in 0..count { count += more(n).await?; }                       ✗
    /// let end: u32 = count;  for n in 0..end { count += more(n).await?; }  ✓
    /// ```
    fn check_bounds(&mut self, bounds: &[&syn::Ident], env: &Env) {
        for name in bounds {
            let Some(var) = env.lookup(&name.to_string()) else { continue };
            if self.graph.vars[var].mutable && self.graph.vars[var].machine == self.machine {
                let message = format!(
                    "where a loop ends must not change while it runs, and `{name}` is `mut`: write `let end = {name};` before the loop, and `..end`"
                );
                self.errors.at(name.span(), message);
            }
        }
    }
}

/// What a loop runs over.
pub(super) struct List {
    pub(super) expr: Expr,
    shown: proc_macro2::TokenStream,
    /// It is taken whole, so its items are cloned out of it.
    taken: bool,
    pub(super) uses: Vars,
}

impl List {
    /// `let Some(page) = turn_of(&pages, turn)`
    fn item_at(&self, turn: &syn::Ident, pat: &Pat) -> Expr {
        let (list, span) = (&self.expr, self.expr.span());
        let item = if self.taken {
            quote_spanned!(span=> ::flow_runtime::__private::turns::of_taken(&#list, #turn))
        } else {
            quote_spanned!(span=> ::flow_runtime::__private::turns::of(#list, #turn))
        };
        parse_quote!(let ::core::option::Option::Some(#pat) = #item)
    }

    /// `(&pages).into_iter()`, all of it.
    pub(super) fn all(&self) -> proc_macro2::TokenStream {
        let (list, span) = (&self.expr, self.expr.span());
        if self.taken {
            quote_spanned!(span=> ::flow_runtime::__private::turns::all_of_taken(&#list))
        } else {
            quote_spanned!(span=> ::flow_runtime::__private::turns::all(#list))
        }
    }
}
