//! What a pattern binds: variables with their types, as far as the macro can know them, and references that are made again.

use quote::quote;
use syn::{Expr, Ident, Pat, Type, parse_quote};

use super::lower::{Lower, Value};
use super::names::{Env, pattern_names};
use super::{Origin, VarId, VarType};

impl Lower<'_> {
    /// Binds the names of a pattern. A reference by field path is made again, everything else is stored.
    pub(super) fn bind_pattern(&mut self, pat: &Pat, init: Option<&Expr>, ty: Option<VarType>, env: &mut Env) -> Vec<VarId> {
        let (inner, written) = match pat {
            Pat::Type(typed) => (&*typed.pat, Some((*typed.ty).clone())),
            pat => (pat, None),
        };
        let names = pattern_names(inner);
        let bases = init.and_then(|init| self.lent_by(init, env));
        let first = self.graph.vars.len();
        let siblings: Vec<_> = (first..first + names.len()).collect();
        let rebuilt = match (bases, init) {
            (Some(bases), Some(init)) if names.iter().all(|bound| !bound.mutable) => {
                Some((quote!(let #pat = #init else { ::core::unreachable!() };), bases))
            }
            _ => None,
        };
        for (index, bound) in names.iter().enumerate() {
            let ty = match (&written, &ty) {
                (Some(ty), _) => written_type(inner, ty, index),
                (None, Some(ty)) if !matches!(ty, VarType::Unknown) => part(inner, ty, index),
                _ => init.and_then(|init| reference(inner, init)).unwrap_or(VarType::Unknown),
            };
            let origin = match &rebuilt {
                Some((stmt, bases)) => Origin::Rebuilt { stmt: stmt.clone(), bases: bases.clone(), siblings: siblings.clone() },
                None if matches!(inner, Pat::Ident(_)) => Origin::Let,
                None => Origin::Pattern,
            };
            self.var(bound.name.clone(), bound.mutable, ty, origin);
        }
        for (bound, var) in names.iter().zip(&siblings) {
            env.bind(&bound.name, *var);
        }
        siblings
    }

    /// The type of `x` in `let y = x;`.
    pub(super) fn moved_type(&self, init: &Expr, env: &Env) -> Option<VarType> {
        let Expr::Path(path) = init else { return None };
        let var = env.lookup(&path.path.get_ident()?.to_string())?;
        let moved = !self.graph.is_rebuilt(var) && self.graph.vars[var].machine == self.machine;
        moved.then(|| self.graph.vars[var].ty.clone())
    }

    /// Binds the names of a pattern that is one of several: the value stays where it is.
    pub(super) fn bind_arm(&mut self, pat: &Pat, value: &Value, env: &mut Env) -> Vec<VarId> {
        let bound = self.bind_pattern(pat, Some(&value.expr), Some(value.ty.clone()), env);
        for var in &bound {
            if let Origin::Let = self.graph.vars[*var].origin {
                self.graph.vars[*var].origin = Origin::Pattern;
            }
        }
        bound
    }

    /// The variables behind `&place`, where place is a field path into a variable that is kept.
    fn lent_by(&self, init: &Expr, env: &Env) -> Option<Vec<VarId>> {
        let (path, by_reference) = match init {
            Expr::Reference(reference) if reference.mutability.is_none() => (&*reference.expr, true),
            path => (path, false),
        };
        let base = field_base(path)?;
        let var = env.lookup(&base.to_string())?;
        let lends = by_reference || self.graph.is_rebuilt(var);
        lends.then(|| vec![var])
    }
}

/// The variable a field path begins with: `r` of `r.notes.first`.
fn field_base(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Field(field) => field_base(&field.base),
        Expr::Paren(inner) => field_base(&inner.expr),
        _ => None,
    }
}

/// That a name is a reference, where it can be seen.
fn reference(pat: &Pat, init: &Expr) -> Option<VarType> {
    match (pat, init) {
        (Pat::Ident(_), Expr::Reference(reference)) => Some(VarType::Reference { exclusive: reference.mutability.is_some() }),
        _ => None,
    }
}

/// The type of the `index`th name of a pattern under a written type.
fn written_type(pat: &Pat, ty: &Type, index: usize) -> VarType {
    match (pat, ty) {
        (Pat::Ident(_), ty) => VarType::Written(Box::new(ty.clone())),
        (Pat::Tuple(tuple), Type::Tuple(types)) => {
            let Some((pat, ty)) = element(tuple, index).and_then(|at| Some((&tuple.elems[at], types.elems.iter().nth(at)?)))
            else {
                return VarType::Unknown;
            };
            written_type(pat, ty, 0)
        }
        _ => VarType::Unknown,
    }
}

/// The type of the `index`th name of a pattern under a known type.
fn part(pat: &Pat, ty: &VarType, index: usize) -> VarType {
    match (pat, ty) {
        (Pat::Ident(_), ty) => ty.clone(),
        (_, VarType::Refused) => VarType::Refused,
        (Pat::TupleStruct(variant), VarType::Result(path)) => match_arm_type(variant, path),
        (Pat::Tuple(tuple), VarType::Tuple(types)) => {
            element(tuple, index).and_then(|at| types.get(at)).map_or(VarType::Unknown, VarType::clone)
        }
        _ => VarType::Unknown,
    }
}

/// The type of the name in `Ok(draft)` or `Err(error)`, on what a node gave.
fn match_arm_type(variant: &syn::PatTupleStruct, node: &syn::ExprPath) -> VarType {
    let plain = variant.elems.len() == 1 && matches!(variant.elems.first(), Some(Pat::Ident(_)));
    match variant.path.segments.last().filter(|_| plain).map(|last| last.ident.to_string()).as_deref() {
        Some("Ok") => VarType::Output(Box::new(node.clone())),
        Some("Err") => VarType::Written(Box::new(parse_quote!(::flow_runtime::__private::StepError))),
        _ => VarType::Unknown,
    }
}

/// A name, or one in the `Some(..)` that each element of what a `select!` gives has around it.
fn is_name(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(_) => true,
        Pat::TupleStruct(some) => matches!(some.elems.first(), Some(Pat::Ident(name)) if name.ident == "__flow_won"),
        _ => false,
    }
}

/// Which element of a tuple pattern the `index`th name is, if that element is a plain name.
fn element(tuple: &syn::PatTuple, index: usize) -> Option<usize> {
    let mut names = 0;
    for (at, pat) in tuple.elems.iter().enumerate() {
        let here = pattern_names(pat).len();
        if index < names + here {
            return is_name(pat).then_some(at);
        }
        names += here;
    }
    None
}
