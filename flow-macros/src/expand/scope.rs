//! Which variables stand in locals while a block's code runs.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Index, Type};

use super::tables::Slots;
use crate::graph::{BlockId, Graph, MachineId, Origin, Var, VarId, VarType, Vars};

/// The locals at one point of a block.
#[derive(Clone, Default)]
pub(super) struct Scope {
    loaded: Vars,
    /// The variables that were bound or may have been changed here.
    touched: Vars,
    current: BTreeMap<String, VarId>,
}

/// What blocks of a machine share that stand in one function.
pub(super) struct Locals<'g> {
    pub(super) graph: &'g Graph,
    machine: MachineId,
    slots: Slots,
    /// What crosses a merge without being stored.
    crossing: Vec<VarId>,
}

impl<'g> Locals<'g> {
    pub(super) fn new(graph: &'g Graph, machine: MachineId, blocks: &[BlockId]) -> Self {
        let slots = Slots::of(graph, machine);
        let owned = |var: &VarId| graph.vars[*var].machine == machine && !graph.is_rebuilt(*var);
        let crossing = graph.crossing(machine, blocks).into_iter().filter(|var| owned(var) && slots.field(*var).is_none());
        let crossing = crossing.collect();
        Self { graph, machine, slots, crossing }
    }

    fn owned(&self, var: VarId) -> bool {
        self.graph.vars[var].machine == self.machine
    }

    /// The typed slot of a stored variable, or the inferred one of a variable that only crosses a merge.
    fn slot(&self, var: VarId) -> Slot {
        match self.slots.field(var) {
            Some(field) => Slot::Stored(field),
            None => Slot::Local(self.crossing(var)),
        }
    }

    /// The slot of a variable that crosses a merge. It is found, for what is not there is never asked for.
    fn crossing(&self, var: VarId) -> TokenStream {
        let index = Index::from(self.crossing.iter().position(|known| *known == var).unwrap_or_default());
        quote!(__flow_slots.#index)
    }

    /// `let mut __flow_slots = (None, ..);`: one variable for all, since rustc looks at each of them at each await.
    pub(super) fn declarations(&self) -> TokenStream {
        if self.crossing.is_empty() {
            return TokenStream::new();
        }
        let none = self.crossing.iter().map(|var| {
            let ty = self.written(*var).map(|ty| quote!(::<#ty>));
            quote!(::core::option::Option::None #ty,)
        });
        quote!(let mut __flow_slots = (#(#none)*);)
    }

    /// The type that the user wrote for a hidden value.
    pub(super) fn written(&self, var: VarId) -> Option<&Type> {
        match &self.graph.vars[var] {
            Var { ty: VarType::Written(ty), origin: Origin::Temp, .. } => Some(ty),
            _ => None,
        }
    }

    /// Brings variables into locals.
    pub(super) fn load(&self, vars: &Vars, scope: &mut Scope) -> TokenStream {
        let mut tokens = TokenStream::new();
        for var in vars.iter().filter(|var| self.owned(**var)) {
            if scope.loaded.contains(var) {
                continue;
            }
            let found = &self.graph.vars[*var];
            if let Origin::Rebuilt { stmt, bases, siblings } = &found.origin {
                tokens.extend(self.load(&bases.iter().copied().collect(), scope));
                tokens.extend(stmt.clone());
                siblings.iter().for_each(|sibling| self.bind(*sibling, scope));
                continue;
            }
            let (name, mutable) = (&found.name, found.mutable.then(|| quote!(mut)));
            let value = self.slot(*var).take();
            tokens.extend(quote!(let #mutable #name = #value;));
            self.bind(*var, scope);
        }
        tokens
    }

    /// Declares variables that are about to be assigned as a whole.
    pub(super) fn declare(&self, var: VarId, scope: &mut Scope) -> TokenStream {
        if scope.loaded.contains(&var) || !self.owned(var) {
            return TokenStream::new();
        }
        let found = &self.graph.vars[var];
        let name = &found.name;
        self.bind(var, scope);
        match &found.ty {
            VarType::Written(ty) => quote!(let mut #name: #ty;),
            _ => quote!(let mut #name;),
        }
    }

    pub(super) fn bind(&self, var: VarId, scope: &mut Scope) {
        scope.loaded.insert(var);
        scope.current.insert(self.graph.vars[var].name.to_string(), var);
    }

    /// Notes what a piece of code may change.
    pub(super) fn touch(&self, vars: impl IntoIterator<Item = VarId>, scope: &mut Scope) {
        scope.touched.extend(vars.into_iter().filter(|var| self.graph.vars[*var].mutable));
    }

    pub(super) fn set(&self, var: VarId, scope: &mut Scope) {
        self.bind(var, scope);
        scope.touched.insert(var);
    }

    /// The other variable of this name that stands in a local.
    pub(super) fn shadowed(&self, var: VarId, scope: &Scope) -> Option<VarId> {
        let other = *scope.current.get(&self.graph.vars[var].name.to_string())?;
        (other != var && scope.loaded.contains(&other) && !self.graph.is_rebuilt(other)).then_some(other)
    }

    /// Puts variables back that are alive where the code goes on.
    pub(super) fn keep(&self, live: &Vars, scope: &Scope) -> TokenStream {
        let kept = live.iter().filter(|var| self.owned(**var) && scope.loaded.contains(var) && !self.graph.is_rebuilt(**var));
        kept.map(|var| self.put(*var, scope)).collect()
    }

    fn put(&self, var: VarId, scope: &Scope) -> TokenStream {
        let name = &self.graph.vars[var].name;
        self.slot(var).put(name, scope.touched.contains(&var))
    }

    /// Puts a variable back before another one of its name takes its place.
    pub(super) fn flush(&self, var: VarId, scope: &mut Scope) -> TokenStream {
        let tokens = self.put(var, scope);
        scope.loaded.remove(&var);
        tokens
    }

    /// Carries a value to a merge.
    pub(super) fn carry(&self, var: VarId, value: &TokenStream) -> TokenStream {
        let slot = self.crossing(var);
        quote!(#slot = ::core::option::Option::Some(#value);)
    }

    /// Takes a carried value.
    pub(super) fn arrive(&self, var: VarId, scope: &mut Scope) -> TokenStream {
        let (slot, name) = (self.crossing(var), &self.graph.vars[var].name);
        self.set(var, scope);
        let p = super::private();
        quote!(let #name = #p::take(&mut #slot);)
    }
}

enum Slot {
    Stored(Ident),
    Local(TokenStream),
}

impl Slot {
    fn take(&self) -> TokenStream {
        let p = super::private();
        match self {
            Self::Stored(field) => quote!(__m.vars.#field.take()),
            Self::Local(name) => quote!(#p::take(&mut #name)),
        }
    }

    fn put(&self, value: &Ident, touched: bool) -> TokenStream {
        match self {
            Self::Stored(field) if touched => quote!(__m.vars.#field.set(#value);),
            Self::Stored(field) => quote!(__m.vars.#field.keep(#value);),
            Self::Local(name) => quote!(#name = ::core::option::Option::Some(#value);),
        }
    }
}
