//! The dispatch loop of a machine: its blocks in the order of the source, the user's statements verbatim in them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Ident, Pat, Stmt};

use super::scope::{Locals, Scope};
use super::{awaited, private};
use crate::graph::{
    Block, BlockId, Branch, Carried, Entry, Exit, Graph, Item, MachineId, Origin, Place, PlaceKind, Plain, Tree, Vars,
};
use crate::syntax::Mode;

/// All of a machine.
pub(super) fn machine(graph: &Graph, id: MachineId) -> TokenStream {
    blocks(graph, id, &graph.machines[id].order)
}

/// Blocks of a machine that go to no other ones.
///
/// ```text
/// let mut __pc = __m.place();
/// '__flow: loop { match __pc { 0 => { start } 1 => { the first place } .. } }
/// ```
pub(super) fn blocks(graph: &Graph, id: MachineId, blocks: &[BlockId]) -> TokenStream {
    let emit = Emit { graph, id, locals: Locals::new(graph, id, blocks) };
    let (declarations, names) = (emit.locals.declarations(), names(graph, id));
    let blocks = blocks.iter().map(|block| emit.block(*block));
    quote! {
        #names
        #declarations
        let mut __pc = usize::from(__m.place());
        '__flow: loop {
            match __pc {
                #(#blocks)*
                _ => ::core::unreachable!(),
            }
        }
    }
}

/// The number of a block: places by their index, merges behind them.
pub(super) fn number(graph: &Graph, id: MachineId, block: BlockId) -> usize {
    let machine = &graph.machines[id];
    match machine.blocks[block].entry {
        Entry::Start => 0,
        Entry::Place(place) => place + 1,
        Entry::Merge(_) => machine.places.len() + 1 + block,
    }
}

/// The names of the variables, and nothing in them: where the user's code has a name that nothing has, rustc offers a
/// similar one, and it must offer the same one here as in the body as written. For then it says so once.
fn names(graph: &Graph, id: MachineId) -> TokenStream {
    if graph.unknown.is_empty() {
        return TokenStream::new();
    }
    // A variable of an arm may have the name of one around it, from which it is made.
    let outside: Vec<_> = graph.captures(id).into_iter().map(|var| &graph.vars[var].name).collect();
    let vars = graph.vars.iter().filter(|var| var.machine == id && !matches!(var.origin, Origin::Temp | Origin::Turn(_)));
    let vars = vars.filter(|var| !outside.contains(&&var.name));
    let mut names: Vec<_> = vars.map(|var| &var.name).filter(|name| !graph.unknown.contains(&name.to_string())).collect();
    names.sort();
    names.dedup();
    quote!(#(let #names: ();)*)
}

pub(super) struct Emit<'g> {
    pub(super) graph: &'g Graph,
    id: MachineId,
    locals: Locals<'g>,
}

/// The value of an arm. What is wrong with arms of several types is said of the body as written alone.
fn through(value: &Expr) -> TokenStream {
    match value {
        Expr::Block(_) | Expr::Lit(_) | Expr::Path(_) | Expr::Call(_) | Expr::MethodCall(_) => quote!(__cx.through(#value)),
        value => quote!(#value),
    }
}

impl Emit<'_> {
    fn block(&self, id: BlockId) -> TokenStream {
        let block: &Block = &self.graph.machines[self.id].blocks[id];
        let (number, mut scope) = (number(self.graph, self.id, id), Scope::default());
        let entry = match block.entry {
            Entry::Start | Entry::Merge(None) => TokenStream::new(),
            Entry::Merge(Some(value)) => self.locals.arrive(value, &mut scope),
            Entry::Place(place) => self.arrive(place, &mut scope),
        };
        let body = self.tree(&block.body, scope, &Vars::new());
        quote!(#number => { #entry #body })
    }

    fn place(&self, place: usize) -> &Place {
        &self.graph.machines[self.id].places[place]
    }

    /// Runs the node of a place, or waits for it.
    fn arrive(&self, index: usize, scope: &mut Scope) -> TokenStream {
        let (p, place) = (private(), self.place(index));
        let awaited = match &place.kind {
            PlaceKind::Node { path, args } => return self.node(place, path, args, scope),
            PlaceKind::Join { mode, arms } => {
                let before = self.locals.load(&place.uses, scope);
                let joined = if *mode == Mode::First { self.select(arms) } else { self.join(*mode == Mode::Try, arms) };
                quote!(#before let __result = #joined;)
            }
            PlaceKind::Many { fails_fast, arm, items, limit, .. } => {
                let before = self.locals.load(&place.uses, scope);
                let joined = self.many(*fails_fast, *arm, items, limit.as_deref());
                quote!(#before let __result = #joined;)
            }
        };
        let name = quote::ToTokens::to_token_stream(&self.graph.vars[place.value].name);
        self.locals.set(place.value, scope);
        let result = if place.question {
            let ok = quote_spanned!(place.span=> __value);
            quote! {
                match __result {
                    ::core::result::Result::Ok(#ok) => #ok,
                    ::core::result::Result::Err(__error) => {
                        return ::core::result::Result::Err(<#p::Error as ::core::convert::From<_>>::from(__error));
                    }
                }
            }
        } else {
            quote!(__result)
        };
        quote!(let __at = __m.at(); #awaited let #name = #result;)
    }

    /// Runs a node and goes on with its output. One that waits is first asked what for, by the same call; what is alive
    /// behind it then goes back into its slots. With its answer it is asked no more.
    fn node(&self, place: &Place, path: &syn::ExprPath, args: &[Expr], scope: &mut Scope) -> TokenStream {
        let (p, path) = (private(), awaited::node(path));
        let early = place.uses.intersection(&place.live).copied().collect();
        let before = self.locals.load(&self.graph.with_bases(&early), scope);
        let late = self.locals.load(&place.uses, &mut scope.clone());
        let kept = self.locals.keep(&place.live, scope);
        let [perform, answered] = if place.question { ["perform", "answered"] } else { ["attempt", "taken"] };
        let (perform, answered) = (format_ident!("{perform}"), format_ident!("{answered}"));
        let call = Ident::new("call", place.span);
        let name = &self.graph.vars[place.value].name;
        self.locals.set(place.value, scope);
        // The future has a name, so that what it borrows ends before what it borrowed from is put back.
        quote! {
            #before
            let __ended = if __m.is_answered() {
                __cx.#answered(<#path as #p::Judged>::here(), __m)
            } else {
                #late
                let __at = __m.at();
                let __node = <#path as #p::Judged>::here();
                let __ended = __cx.#perform(__node, &__at, __cx.bind(__node).#call(#(#args),*)).await;
                __ended
            };
            let #name = match __ended {
                ::core::result::Result::Ok(__value) => __value,
                ::core::result::Result::Err(__stop) => {
                    #kept
                    return __stop.flow();
                }
            };
        }
    }

    fn tree(&self, tree: &Tree, mut scope: Scope, fall: &Vars) -> TokenStream {
        let mut tokens = TokenStream::new();
        for (index, item) in tree.iter().enumerate() {
            let rest = &tree[index + 1..];
            tokens.extend(match item {
                Item::Plain(plain) => self.plain(plain, &mut scope, rest, fall),
                Item::Branch { value, branch, .. } => self.branch(*value, branch, &mut scope, rest, fall),
                Item::Exit(exit) => self.exit(exit, &mut scope),
            });
        }
        tokens
    }

    fn plain(&self, plain: &Plain, scope: &mut Scope, rest: &[Item], fall: &Vars) -> TokenStream {
        let mut tokens = self.locals.load(&plain.uses, scope);
        plain.kills.iter().for_each(|var| tokens.extend(self.locals.declare(*var, scope)));
        self.locals.touch(plain.uses.iter().chain(&plain.kills).copied(), scope);
        let mut stmt = plain.stmt.clone();
        Jump { emit: self, scope }.visit_stmt_mut(&mut stmt);
        let shadowed: Vec<_> = plain.defs.iter().filter_map(|def| self.locals.shadowed(*def, scope)).collect();
        let after = if shadowed.is_empty() { Vars::new() } else { self.graph.live_before(self.id, rest, fall) };
        let flushed: TokenStream =
            shadowed.into_iter().filter(|var| after.contains(var)).map(|var| self.locals.flush(var, scope)).collect();
        tokens.extend(if flushed.is_empty() { quote!(#stmt) } else { flush_between(stmt, &flushed) });
        plain.defs.iter().for_each(|def| self.locals.set(*def, scope));
        tokens
    }

    fn branch(&self, value: Option<usize>, branch: &Branch, scope: &mut Scope, rest: &[Item], fall: &Vars) -> TokenStream {
        let after = self.graph.live_before(self.id, rest, fall);
        let mut tokens = TokenStream::new();
        if value.is_some() || self.graph.falls(branch) {
            // What an arm takes out must be out before, or it would be lost where the arm falls through.
            let (uses, kills) = self.graph.branch_uses(branch);
            let before = self.graph.live_before_branch(self.id, branch, &after);
            let needed: Vars = uses.union(&kills).filter(|var| before.contains(var)).copied().collect();
            tokens.extend(self.locals.load(&needed, scope));
            let declared: Vec<_> = kills.into_iter().filter(|var| !before.contains(var) && after.contains(var)).collect();
            declared.iter().for_each(|var| tokens.extend(self.locals.declare(*var, scope)));
            self.locals.touch(uses.into_iter().chain(declared), scope);
        }
        let uses = match branch {
            Branch::If { uses, .. } | Branch::LetElse { uses, .. } => uses.clone(),
            Branch::Match { uses, arms, .. } => {
                arms.iter().fold(uses.clone(), |all, arm| all.union(&arm.uses).copied().collect())
            }
        };
        tokens.extend(self.locals.load(&uses, scope));
        self.locals.touch(uses, scope);
        if value.is_none() && !self.graph.falls(branch) {
            tokens.extend(self.put_away(branch, scope, &after));
        }
        let code = self.branch_code(branch, scope, &after);
        match value {
            Some(value) => {
                let name = &self.graph.vars[value].name;
                let ty = self.locals.written(value).map(|ty| quote!(: #ty));
                tokens.extend(quote!(let #name #ty = #code;));
                self.locals.set(value, scope);
            }
            None => tokens.extend(code),
        }
        tokens
    }

    /// Puts away what the names of an arm are about to hide.
    fn put_away(&self, branch: &Branch, scope: &mut Scope, after: &Vars) -> TokenStream {
        let arms: Vec<(&[usize], &Tree)> = match branch {
            Branch::If { defs, then, .. } => vec![(defs, then)],
            Branch::Match { arms, .. } => arms.iter().map(|arm| (&*arm.defs, &arm.body)).collect(),
            Branch::LetElse { .. } => Vec::new(),
        };
        let mut tokens = TokenStream::new();
        for (defs, tree) in arms {
            let live = self.graph.live_before(self.id, tree, after);
            for def in defs {
                let hidden = self.locals.shadowed(*def, scope).filter(|var| live.contains(var) || after.contains(var));
                hidden.into_iter().for_each(|var| tokens.extend(self.locals.flush(var, scope)));
            }
        }
        tokens
    }

    fn branch_code(&self, branch: &Branch, scope: &mut Scope, after: &Vars) -> TokenStream {
        let inside = |defs: &[usize], tree: &Tree, scope: &Scope| {
            let mut scope = scope.clone();
            defs.iter().for_each(|def| self.locals.set(*def, &mut scope));
            self.tree(tree, scope, after)
        };
        match branch {
            Branch::If { cond, defs, then, otherwise, .. } => {
                let (then, otherwise) = (inside(defs, then, scope), inside(&[], otherwise, scope));
                quote!(if #cond { #then } else { #otherwise })
            }
            Branch::Match { value, arms, .. } => {
                let arms = arms.iter().map(|arm| {
                    let (pat, body) = (&arm.pat, inside(&arm.defs, &arm.body, scope));
                    let guard = arm.guard.as_ref().map(|guard| quote!(if #guard));
                    quote!(#pat #guard => { #body })
                });
                quote!(match #value { #(#arms)* })
            }
            Branch::LetElse { pat, value, defs, otherwise, .. } => {
                let otherwise = inside(&[], otherwise, scope);
                defs.iter().for_each(|def| self.locals.set(*def, scope));
                quote!(let #pat = #value else { #otherwise };)
            }
        }
    }

    fn exit(&self, exit: &Exit, scope: &mut Scope) -> TokenStream {
        match exit {
            Exit::Place(place) => self.enter(*place, scope),
            Exit::Goto(block, carried) => {
                let mut tokens = TokenStream::new();
                if let Some(Carried { into, expr, uses }) = carried {
                    tokens.extend(self.locals.load(uses, scope));
                    self.locals.touch(uses.iter().copied(), scope);
                    tokens.extend(match into {
                        Some(into) => self.locals.carry(*into, &through(expr)),
                        None if is_unit(expr) => TokenStream::new(),
                        None => quote!(#expr;),
                    });
                }
                tokens.extend(self.goto(*block, scope));
                tokens
            }
            Exit::Fall(carried) => {
                let (load, expr) = (self.locals.load(&carried.uses, scope), &carried.expr);
                let discarded = carried.into.is_none() && !is_unit(expr);
                let value = if discarded { quote!(#expr;) } else { through(expr) };
                quote!(#load #value)
            }
            // A body ends in a `Result`; it has no other end than this one only if this one is never reached.
            Exit::Done(carried) if is_unit(&carried.expr) => quote!(::core::unreachable!();),
            Exit::Done(carried) => {
                let (load, expr) = (self.locals.load(&carried.uses, scope), &carried.expr);
                let machine = &self.graph.machines[self.id];
                if machine.single && machine.keeps_error {
                    return quote!(#load return __cx.value(#expr););
                }
                quote!(#load return __cx.done(#expr);)
            }
        }
    }

    fn goto(&self, block: BlockId, scope: &Scope) -> TokenStream {
        let keep = self.locals.keep(&self.graph.machines[self.id].blocks[block].live, scope);
        let number = number(self.graph, self.id, block);
        quote!(#keep __pc = #number; continue '__flow;)
    }

    /// Goes to a place.
    fn enter(&self, index: usize, scope: &Scope) -> TokenStream {
        let (p, place, number) = (private(), self.place(index), index as u16 + 1);
        let kept = self.locals.keep(&place.live.union(&place.uses).copied().collect(), scope);
        quote!(#kept return ::core::result::Result::Ok(#p::Flow::At(#number));)
    }
}

/// `let x = f(x);` where the outer `x` lives on: it is put back after the value and before the new name.
fn flush_between(stmt: Stmt, flush: &TokenStream) -> TokenStream {
    let Stmt::Local(mut local) = stmt else { return quote!(#flush #stmt) };
    let Some(init) = local.init.as_mut().filter(|init| init.diverge.is_none()) else { return quote!(#flush #local) };
    let value = std::mem::replace(&mut *init.expr, syn::parse_quote!(__flow_value));
    match &local.pat {
        Pat::Type(typed) => {
            let ty = &typed.ty;
            quote!(let __flow_value: #ty = #value; #flush #local)
        }
        _ => quote!(let __flow_value = #value; #flush #local),
    }
}

fn is_unit(expr: &Expr) -> bool {
    matches!(expr, Expr::Tuple(tuple) if tuple.elems.is_empty())
}

/// Puts the code of a jump where lowering left its number.
struct Jump<'e, 'g> {
    emit: &'e Emit<'g>,
    scope: &'e Scope,
}

impl VisitMut for Jump<'_, '_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Macro(mac) = expr
            && mac.mac.path.is_ident("__flow_jump")
        {
            *expr = Expr::Verbatim(self.code(&mac.mac.tokens));
        }
    }
    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(mac) = stmt
            && mac.mac.path.is_ident("__flow_jump")
        {
            *stmt = Stmt::Expr(Expr::Verbatim(self.code(&mac.mac.tokens)), Some(Default::default()));
            return;
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }
}

impl Jump<'_, '_> {
    fn code(&self, number: &TokenStream) -> TokenStream {
        let index = number.to_string().trim_end_matches("usize").parse::<usize>().unwrap_or_default();
        let jump = &self.emit.graph.jumps[index];
        let value = jump.value.as_ref().map(|(into, expr)| match into {
            Some(into) => self.emit.locals.carry(*into, &quote!(#expr)),
            None => quote!(#expr;),
        });
        let goto = self.emit.goto(jump.to, self.scope);
        quote!({ #value #goto })
    }
}
