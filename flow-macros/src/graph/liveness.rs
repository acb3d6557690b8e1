//! Which variables are alive where: backwards over the blocks until nothing changes.

use super::{BlockId, Branch, Entry, Exit, Graph, Item, MachineId, Vars};

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

    /// The variables that are alive at the beginning of some of the blocks, or are its value.
    pub(crate) fn crossing(&self, machine: MachineId, blocks: &[BlockId]) -> Vars {
        let machine = &self.machines[machine];
        let mut crossing = Vars::new();
        for block in blocks.iter().map(|block| &machine.blocks[*block]) {
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

#[cfg(test)]
mod tests {
    use syn::parse_str;

    use crate::diagnostic::Errors;
    use crate::graph::{Graph, lower};
    use crate::syntax::{Body, Workflow};

    /// What is stored at each place, the arms' places included: `place: variables`.
    fn stored(body: &str) -> Vec<String> {
        let workflow: Workflow = parse_str(&format!("Buy<Order -> Receipt>(order) {{ {body} }}")).unwrap();
        let Body::Parsed { stmts, .. } = &workflow.body else { panic!("not a body: {body}") };
        let mut errors = Errors::default();
        let graph = lower(&workflow, stmts, &mut errors);
        assert!(errors.is_empty(), "{body}");
        graph.machines.iter().flat_map(|machine| &machine.places).map(|place| line(&graph, place)).collect()
    }

    fn line(graph: &Graph, place: &crate::graph::Place) -> String {
        let kept = place.live.union(&place.uses).filter(|var| !graph.is_rebuilt(**var));
        let names: Vec<_> = kept.map(|var| graph.vars[*var].name.to_string()).collect();
        format!("{}: {}", place.name, names.join(" "))
    }

    #[test]
    fn a_place_keeps_its_arguments_and_what_is_read_behind_it() {
        let body = "let price: u32 = 1; let note: String = order.note.clone();
            let paid = pay(price).await?; let sent = send(&order).await?; Ok(Receipt { paid, note })";
        assert_eq!(stored(body), ["pay: order price note", "send: order note paid"]);
    }

    #[test]
    fn what_is_read_for_the_last_time_before_a_place_is_gone() {
        let body = "let total: u32 = order.lines.iter().sum(); drop(order); let large: Vec<u8> = load(total);
            let size: usize = large.len(); let paid = pay(total).await?; confirm().await?; Ok(Receipt { paid, size })";
        assert_eq!(stored(body), ["pay: total size", "confirm: size paid"]);
    }

    #[test]
    fn what_is_given_a_new_value_before_it_is_read_is_not_kept() {
        let body = "let mut state: u32 = 1; first(state).await?; state = 2; second(state).await?; Ok(state)";
        assert_eq!(stored(body), ["first: state", "second: state"]);
        let body = "let mut state: u32 = 1; first().await?; state = 2; second().await?; Ok(state)";
        assert_eq!(stored(body), ["first: ", "second: state"]);
        let body = "let mut state: u32 = 1; first().await?; state += 2; second().await?; Ok(state)";
        assert_eq!(stored(body), ["first: state", "second: state"]);
    }

    #[test]
    fn a_branch_keeps_what_its_own_way_reads() {
        let body = "let a: u32 = 1; let b: u32 = 2;
            let fine = check(&order).await?;
            let n: u32 = if fine { yes().await?; a } else { no().await?; b };
            end(n).await?; Ok(n)";
        assert_eq!(stored(body), ["check: order a b", "yes: a", "no: b", "end: n"]);
        let body = "let Some(a) = find(&order).await? else { let why: u32 = 1; refuse(&order).await?; return Err(why) };
            good(a).await?; Ok(())";
        assert_eq!(stored(body), ["find: order", "refuse: order why", "good: a"]);
    }

    #[test]
    fn a_loop_keeps_what_its_next_turn_reads() {
        let body = "let mut left: u32 = 3; let title: String = order.title;
            while left > 0 { let found = step(left).await?; left -= 1; log(&found).await?; }
            done(&title).await?; Ok(())";
        assert_eq!(stored(body), ["step: left title", "log: left title found", "done: title"]);
        let body = "let mut last: u32 = 0; loop { last = step(&order).await?; if last > 3 { break; } } Ok(last)";
        assert_eq!(stored(body), ["step: order"]);
    }

    #[test]
    fn a_reference_is_made_again_from_what_it_borrows() {
        let body = "let lines = &order.lines; first().await?; second(lines).await?; Ok(())";
        assert_eq!(stored(body), ["first: order", "second: order"]);
    }

    #[test]
    fn arms_keep_their_own_and_the_join_what_they_borrow() {
        let body = "let a: u32 = 1; let b: u32 = 2; let c: u32 = 3;
            let (x, y) = try_join!(left(a), #[at(right)] async { let d: u32 = b; one().await?; two(d).await })?;
            end(c).await?; Ok(x)";
        assert_eq!(stored(body), ["left_right: a b c", "end: c x", "left: ", "one: d", "two: d"]);
    }

    #[test]
    fn an_inner_variable_is_told_from_an_outer_one_of_its_name() {
        let body = "let n: u32 = 1; let m: u32 = { let n: u32 = 2; inner(n).await?; 3 }; outer(m).await?; Ok(n)";
        assert_eq!(stored(body), ["inner: n n", "outer: n m"]);
    }
}
