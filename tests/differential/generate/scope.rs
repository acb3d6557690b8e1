//! The variables in scope, and what may be done with them.

use super::Make;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Number,
    Text,
    Pair,
    List,
    Maybe,
    Flag,
    /// `&u32`, `&String`, `&Option<String>`, `&Pair`.
    NumberRef,
    TextRef,
    MaybeRef,
    PairRef,
}

impl Ty {
    pub(crate) fn written(self) -> &'static str {
        match self {
            Self::Number => "u32",
            Self::Text => "String",
            Self::Pair => "Pair",
            Self::List => "Vec<u32>",
            Self::Maybe => "Option<String>",
            Self::Flag => "bool",
            Self::NumberRef => "&u32",
            Self::TextRef => "&String",
            Self::MaybeRef => "&Option<String>",
            Self::PairRef => "&Pair",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) mutable: bool,
    pub(crate) machine: u32,
    /// How many blocks it is declared in.
    pub(crate) depth: usize,
    /// A reference is made of it: it is neither changed, moved nor hidden.
    pub(crate) lent: bool,
    /// Without a type, so that it cannot be kept: from which place on, and in which loop, it is no more to be read.
    pub(crate) fleeting: Option<(usize, usize)>,
}

impl Var {
    pub(crate) fn new(name: &str, ty: Ty, machine: u32, depth: usize) -> Self {
        Self { name: name.to_owned(), ty, mutable: false, machine, depth, lent: false, fleeting: None }
    }

    pub(crate) fn mutable(self, mutable: bool) -> Self {
        Self { mutable, ..self }
    }
}

impl Make {
    pub(crate) fn declare(&mut self, name: &str, ty: Ty) -> &mut Var {
        let var = Var::new(name, ty, self.machine, self.depth);
        self.scope.push(var);
        self.scope.last_mut().expect("it was just put there")
    }

    /// Declares what cannot be kept.
    pub(crate) fn declare_fleeting(&mut self, name: &str, ty: Ty) {
        let until = (self.passed, self.loops.len());
        self.declare(name, ty).fleeting = Some(until);
    }

    /// Whether a variable can be read here, outside of what is kept for a place.
    pub(crate) fn readable(&self, var: &Var) -> bool {
        var.fleeting.is_none_or(|until| until == (self.passed, self.loops.len()) && var.machine == self.machine)
    }

    /// The variables of some types that may be read here.
    pub(crate) fn readables(&self, types: &[Ty]) -> Vec<Var> {
        self.scope.iter().filter(|var| types.contains(&var.ty) && var.fleeting.is_none()).cloned().collect()
    }

    /// One that may be read here, also by the arguments of a node.
    pub(crate) fn any(&mut self, types: &[Ty]) -> Option<Var> {
        let all = self.readables(types);
        (!all.is_empty()).then(|| self.random.pick(&all).clone())
    }

    /// One that may be assigned here.
    pub(crate) fn assignable(&mut self, ty: Ty) -> Option<Var> {
        let here = |var: &Var| var.mutable && !var.lent && var.machine == self.machine && var.fleeting.is_none();
        let all: Vec<_> = self.scope.iter().filter(|var| var.ty == ty && here(var)).cloned().collect();
        (!all.is_empty()).then(|| self.random.pick(&all).clone())
    }

    /// A number that may be assigned here, made here if there is none.
    pub(crate) fn counted(&mut self) -> String {
        if let Some(var) = self.assignable(Ty::Number) {
            return var.name;
        }
        let (name, value) = (self.name("m"), self.number());
        self.line(format!("let mut {name}: u32 = {value};"));
        self.declare(&name, Ty::Number).mutable = true;
        name
    }

    /// One of this machine that a reference may be made of, which is made again behind a place.
    pub(crate) fn lendable(&mut self, types: &[Ty]) -> Option<Var> {
        let all: Vec<_> = self.readables(types).into_iter().filter(|var| var.machine == self.machine).collect();
        (!all.is_empty()).then(|| self.random.pick(&all).clone())
    }

    /// A pair that a reference may be made of, from a node if there is none.
    pub(crate) fn lendable_pair(&mut self, types: &[Ty]) -> Option<Var> {
        if let Some(var) = self.lendable(types) {
            return Some(var);
        }
        if !self.may_place() {
            return None;
        }
        let (pair, name) = (self.awaited_pair(), self.name("x"));
        self.line(format!("let {name} = {pair};"));
        Some(self.declare(&name, Ty::Pair).clone())
    }

    /// One of this very block, which may be moved or hidden for good.
    pub(crate) fn own(&mut self, types: &[Ty]) -> Option<Var> {
        let here = |var: &Var| var.depth == self.depth && var.machine == self.machine && !var.lent;
        let all: Vec<_> = self.readables(types).into_iter().filter(here).collect();
        (!all.is_empty()).then(|| self.random.pick(&all).clone())
    }

    pub(crate) fn lend(&mut self, name: &str) {
        self.scope.iter_mut().filter(|var| var.name == name).for_each(|var| var.lent = true);
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.scope.retain(|var| var.name != name);
    }
}
