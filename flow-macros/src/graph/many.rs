//! `join_all!` and `try_join_all!`: one arm for each item, each a machine of its own.

use quote::quote;

use super::expr::first_await;
use super::lower::{Lower, Then};
use super::names::{Env, expr_uses, pattern_names};
use super::ways::pretty;
use super::{Called, PlaceKind, Tree, VarType};
use crate::syntax::{JoinArm, Label, Many};

impl Lower<'_> {
    pub(super) fn many(&mut self, label: Option<Label>, many: Many, question: bool, env: Env, then: Then<'_>) -> Tree {
        let Many { fails_fast, items, item, arm, limit } = many;
        let awaits: Vec<_> = std::iter::once(&items).chain(&limit).filter_map(first_await).collect();
        for inner in &awaits {
            self.errors.at(*inner, "an `.await` cannot stand here: put it into a `let` before");
        }
        if !awaits.is_empty() {
            return Tree::new();
        }
        let list = self.listed(&items, &env);
        let place = self.machine().places.len();
        let arm = match arm {
            // The place has a name, so its arm needs none.
            JoinArm::Block { label: None, block, span } => JoinArm::Block { label: label.clone(), block, span },
            arm => arm,
        };
        let Some((name, ty, arm)) = self.arm(arm, fails_fast) else { return Tree::new() };
        let (name, was) = label.map_or((name, Vec::new()), |label| (label.name, label.was));
        let machine = self.arm_machine(&name, place, &arm, !fails_fast);
        self.graph.machines[machine].item = Some(item.clone());
        let mut inside = env.clone();
        self.bind_item_of_arm(machine, &item, &mut inside);
        self.within(machine, inside, arm);
        let mut uses = self.graph.captures(machine);
        uses.extend(list.uses.iter().chain(&limit.iter().flat_map(|limit| expr_uses(&env, limit)).collect::<super::Vars>()));
        let ty =
            if fails_fast != question || matches!(ty, VarType::Unknown) { VarType::Unknown } else { VarType::List(Box::new(ty)) };
        let shown = format!("{} in {}", pretty(&item), pretty(&items));
        let items = syn::parse2(list.all()).unwrap_or(items);
        let kind = PlaceKind::Many { fails_fast, arm: machine, items: Box::new(items), limit: limit.map(Box::new), shown };
        self.enter(Called { name: name.to_string(), span: name.span(), was }, kind, question, uses, ty, env, then)
    }

    /// The names of an arm's item: cloned out of it wherever they are read, so that each transition has them.
    fn bind_item_of_arm(&mut self, machine: super::MachineId, item: &syn::Pat, env: &mut Env) {
        if let Some(bound) = pattern_names(item).iter().find(|bound| bound.mutable) {
            let name = &bound.name;
            let message =
                format!("an item is only lent to its arm: leave `mut` out, and in the arm `let mut {name}: T = {name};`");
            self.errors.at(name.span(), message);
        }
        let outside = std::mem::replace(&mut self.machine, machine);
        let bound = self.bind_rebuilt(item, quote!(let #item = ::core::clone::Clone::clone(&__item);), Vec::new(), env);
        for var in bound {
            if self.graph.vars[var].mutable {
                self.graph.vars[var].ty = VarType::Refused;
            }
        }
        self.machine = outside;
    }
}
