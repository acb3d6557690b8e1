//! Which variables are alive where: backwards over the blocks until nothing changes.

use super::{Branch, Entry, Exit, Graph, Item, MachineId, Vars};

impl Graph {
    pub(super) fn find_live(&mut self) {
        for machine in 0..self.machines.len() {
            while self.pass(machine) {}
            for place in 0..self.machines[machine].places.len() {
                let found = &self.machines[machine].places[place];
                let mut live = self.machines[machine].blocks[found.block].live.clone();
                let uses = self.with_bases(&found.uses);
                live.remove(&found.value);
                let own = |var: &usize| self.vars[*var].machine == machine;
                let (live, uses) = (live.into_iter().filter(own).collect(), uses.into_iter().filter(own).collect());
                let place = &mut self.machines[machine].places[place];
                (place.live, place.uses) = (live, uses);
            }
        }
    }

    /// One pass, from the last block to the first; whether anything changed.
    fn pass(&mut self, machine: MachineId) -> bool {
        let mut changed = false;
        for at in (0..self.machines[machine].order.len()).rev() {
            let block = self.machines[machine].order[at];
            let mut live = self.tree(machine, &self.machines[machine].blocks[block].body, &Vars::new());
            match self.machines[machine].blocks[block].entry {
                Entry::Place(place) => live.remove(&self.machines[machine].places[place].value),
                Entry::Merge(Some(value)) => live.remove(&value),
                Entry::Merge(None) | Entry::Start => false,
            };
            let known = &mut self.machines[machine].blocks[block].live;
            changed |= live != *known;
            *known = live;
        }
        changed
    }

    /// What is alive before a tree, where `fall` is alive after a branch it falls out of.
    fn tree(&self, machine: MachineId, tree: &[Item], fall: &Vars) -> Vars {
        let mut live = fall.clone();
        for item in tree.iter().rev() {
            live = match item {
                Item::Exit(exit) => self.exit(machine, exit, fall),
                Item::Plain(plain) => {
                    plain.defs.iter().chain(&plain.kills).for_each(|def| {
                        live.remove(def);
                    });
                    for jump in &plain.jumps {
                        live.extend(&self.machines[machine].blocks[self.jumps[*jump].to].live);
                    }
                    live.extend(self.with_bases(&plain.uses));
                    live
                }
                Item::Branch { value, branch, .. } => {
                    value.iter().for_each(|value| {
                        live.remove(value);
                    });
                    self.branch(machine, branch, &live)
                }
            };
        }
        live
    }

    /// What is alive before the rest of a tree.
    pub(crate) fn live_before(&self, machine: MachineId, rest: &[Item], fall: &Vars) -> Vars {
        self.tree(machine, rest, fall)
    }

    /// What is alive where code leaves for a place or a block.
    pub(crate) fn live_at(&self, machine: MachineId, exit: &Exit) -> Vars {
        self.exit(machine, exit, &Vars::new())
    }

    /// What is alive before a branch.
    pub(crate) fn live_before_branch(&self, machine: MachineId, branch: &Branch, after: &Vars) -> Vars {
        self.branch(machine, branch, after)
    }

    /// The variables that are alive at the beginning of some block, or are its value.
    pub(crate) fn crossing(&self, machine: MachineId) -> Vars {
        let machine = &self.machines[machine];
        let mut crossing = Vars::new();
        for block in machine.order.iter().map(|block| &machine.blocks[*block]) {
            crossing.extend(&block.live);
            crossing.extend(if let Entry::Merge(value) = block.entry { value } else { None });
        }
        crossing
    }

    fn branch(&self, machine: MachineId, branch: &Branch, after: &Vars) -> Vars {
        let without = |mut live: Vars, defs: &[usize]| {
            live.retain(|var| !defs.contains(var));
            live
        };
        match branch {
            Branch::If { uses, defs, then, otherwise, .. } => {
                let mut live = without(self.tree(machine, then, after), defs);
                live.extend(self.tree(machine, otherwise, after));
                live.extend(self.with_bases(uses));
                live
            }
            Branch::Match { uses, arms, .. } => {
                let mut live = self.with_bases(uses);
                for arm in arms {
                    live.extend(without(self.tree(machine, &arm.body, after), &arm.defs));
                    live.extend(self.with_bases(&arm.uses));
                }
                live
            }
            Branch::LetElse { uses, defs, otherwise, .. } => {
                let mut live = without(after.clone(), defs);
                live.extend(self.tree(machine, otherwise, &Vars::new()));
                live.extend(self.with_bases(uses));
                live
            }
        }
    }

    fn exit(&self, machine: MachineId, exit: &Exit, fall: &Vars) -> Vars {
        let machine = &self.machines[machine];
        match exit {
            Exit::Place(place) => {
                let place = &machine.places[*place];
                let mut live = machine.blocks[place.block].live.clone();
                live.remove(&place.value);
                live.extend(self.with_bases(&place.uses));
                live
            }
            Exit::Goto(block, carried) => {
                let mut live = machine.blocks[*block].live.clone();
                if let Some(carried) = carried {
                    live.extend(self.with_bases(&carried.uses));
                }
                live
            }
            Exit::Fall(carried) => fall.union(&self.with_bases(&carried.uses)).copied().collect(),
            Exit::Done(carried) => self.with_bases(&carried.uses),
        }
    }
}
