//! Rule `hidden`: a variable that is stored later must still be reachable by its name.
//!
//! The user's code stays as it is, names included. So where an inner `n` hides an outer one, the outer one is put away
//! before; what cannot be put away there, because something reads or borrows it at that moment, is refused.
//!
//! ```text
//! if let Some(notes) = &notes.more { revise(notes).await?; }      ✗ if the outer `notes` is read behind
//! if let Some(more) = &notes.more { revise(more).await?; }        ✓
//! ```

use syn::Ident;

use crate::diagnostic::{Errors, line};
use crate::graph::{Branch, Exit, Graph, Item, MachineId, Plain, Tree, VarId, VarType, Vars};

pub(super) fn check(graph: &Graph, errors: &mut Errors) {
    for machine in 0..graph.machines.len() {
        let mut hidden = Hidden { graph, machine, found: Vec::new(), jumps: Vec::new() };
        graph.machines[machine].blocks.iter().for_each(|block| hidden.tree(&block.body, &Vars::new(), false));
        let found = hidden.found.into_iter().map(|(inner, outer)| (graph.vars[inner].name.clone(), outer));
        for (name, outer) in found.chain(hidden.jumps) {
            let before = line(graph.vars[outer].name.span());
            errors
                .beside(name.span(), format!("this `{name}` hides the one of line {before}, which is still needed: rename one"));
        }
    }
}

struct Hidden<'g> {
    graph: &'g Graph,
    machine: MachineId,
    found: Vec<(VarId, VarId)>,
    /// An inner name in a statement that is jumped out of, and the variable it hides.
    jumps: Vec<(Ident, VarId)>,
}

impl Hidden<'_> {
    /// `falls`: what follows the branch that this tree is an arm of finds its variables where they are.
    fn tree(&mut self, tree: &Tree, fall: &Vars, falls: bool) {
        for (at, item) in tree.iter().enumerate() {
            let after = self.graph.live_before(self.machine, &tree[at + 1..], fall);
            match item {
                Item::Plain(plain) => {
                    self.bases(&plain.defs, &after);
                    if falls {
                        self.among(&plain.defs, fall);
                    }
                    self.jumps(plain);
                }
                Item::Branch { value, branch, .. } => {
                    let falls = value.is_some() || self.graph.falls(branch);
                    self.branch(branch, &after, falls);
                }
                Item::Exit(_) => {}
            }
        }
    }

    fn branch(&mut self, branch: &Branch, after: &Vars, falls: bool) {
        let read = match branch {
            Branch::If { uses, .. } | Branch::LetElse { uses, .. } => uses.clone(),
            Branch::Match { uses, arms, .. } => arms.iter().flat_map(|arm| &arm.uses).chain(uses).copied().collect(),
        };
        let read = self.graph.with_bases(&read);
        let mut arm = |defs: &[VarId], tree: &Tree| {
            let mut live = self.graph.live_before(self.machine, tree, after);
            live.extend(after);
            self.bases(defs, &live);
            let stuck: Vars = if falls {
                self.exits(tree)
            } else {
                live.into_iter().filter(|var| read.contains(var) && !self.is_copy(*var)).collect()
            };
            self.among(defs, &stuck);
            self.tree(tree, after, falls);
        };
        match branch {
            Branch::If { defs, then, otherwise, .. } => {
                arm(defs, then);
                arm(&[], otherwise);
            }
            Branch::Match { arms, .. } => arms.iter().for_each(|found| arm(&found.defs, &found.body)),
            Branch::LetElse { defs, otherwise, .. } => {
                arm(&[], otherwise);
                self.bases(defs, after);
                self.among(defs, after);
            }
        }
    }

    /// Another variable of the name is among these.
    fn among(&mut self, defs: &[VarId], vars: &Vars) {
        for inner in defs {
            let outer = vars.iter().find(|outer| self.hides(*inner, **outer));
            if let Some(outer) = outer {
                self.add(*inner, *outer);
            }
        }
    }

    /// A reference that is made again needs what it is made from by its name.
    fn bases(&mut self, defs: &[VarId], live: &Vars) {
        for reference in live.iter().filter(|var| self.graph.is_rebuilt(**var)) {
            let mut bases = self.graph.with_bases(&Vars::from([*reference]));
            bases.remove(reference);
            self.among(defs, &bases);
        }
    }

    /// A jump out of a statement, from where an inner name hides one that is alive at its target.
    fn jumps(&mut self, plain: &Plain) {
        for jump in &plain.jumps {
            let jump = &self.graph.jumps[*jump];
            let live = &self.graph.machines[self.machine].blocks[jump.to].live;
            for name in &jump.hidden {
                let outer = live.iter().find(|var| self.graph.vars[**var].name == *name);
                outer.into_iter().for_each(|outer| self.jumps.push((name.clone(), *outer)));
            }
        }
    }

    /// What is alive where a tree leaves.
    fn exits(&self, tree: &Tree) -> Vars {
        let mut live = Vars::new();
        for item in tree {
            match item {
                Item::Exit(exit @ (Exit::Goto(..) | Exit::Place(_))) => live.extend(self.graph.live_at(self.machine, exit)),
                Item::Exit(_) => {}
                Item::Plain(plain) => {
                    for jump in &plain.jumps {
                        live.extend(&self.graph.machines[self.machine].blocks[self.graph.jumps[*jump].to].live);
                    }
                }
                Item::Branch { branch, .. } => match branch {
                    Branch::If { then, otherwise, .. } => {
                        live.extend(self.exits(then));
                        live.extend(self.exits(otherwise));
                    }
                    Branch::Match { arms, .. } => arms.iter().for_each(|arm| live.extend(self.exits(&arm.body))),
                    Branch::LetElse { otherwise, .. } => live.extend(self.exits(otherwise)),
                },
            }
        }
        live
    }

    /// The outer one was declared before, so its number is smaller.
    fn hides(&self, inner: VarId, outer: VarId) -> bool {
        outer < inner && self.graph.vars[inner].name == self.graph.vars[outer].name
    }

    fn add(&mut self, inner: VarId, outer: VarId) {
        if !self.found.iter().any(|(known, _)| *known == inner) {
            self.found.push((inner, outer));
        }
    }

    /// Reading it leaves it where it is.
    fn is_copy(&self, var: VarId) -> bool {
        const COPY: &[&str] = &[
            "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64",
        ];
        let VarType::Written(ty) = &self.graph.vars[var].ty else { return false };
        let syn::Type::Path(path) = &**ty else { return false };
        path.path.get_ident().is_some_and(|name| COPY.iter().any(|copy| name == copy))
    }
}
