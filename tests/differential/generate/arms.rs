//! Joins. At most one arm of a `try_join!` may fail, so that one error is the first; its siblings may be cut off.

use super::Make;
use super::scope::Ty;

impl Make {
    /// What is to be in an arm: a call, or a block with a machine of its own. Gives whether it is a block.
    fn join_arm(&mut self, parent: u32, lossy: bool, may_fail: bool, block: bool) {
        self.within_arm((parent, lossy, false), may_fail, |make| {
            if block {
                make.arm_block(",");
            } else {
                let before = make.shapes.clone();
                let call = make.call_number();
                make.count_inside(&before);
                make.line(format!("{call},"));
            }
        });
    }

    /// Writes what has a machine of its own.
    fn within_arm(&mut self, machine: (u32, bool, bool), may_fail: bool, inside: impl FnOnce(&mut Self)) {
        self.machines.push(machine);
        let outside = (self.machine, self.may_fail, std::mem::take(&mut self.loops), self.scope.clone(), self.branches);
        (self.machine, self.may_fail) = (self.machines.len() as u32 - 1, may_fail);
        let passed = self.passed;
        inside(self);
        // What cannot be kept is not read in another arm either.
        self.passed = self.passed.max(passed + 1);
        (self.machine, self.may_fail, self.loops, self.scope, self.branches) = outside;
    }

    fn arm_block(&mut self, tail: &str) {
        self.count("arm of several nodes");
        let (name, before) = (self.name("arm"), self.shapes.clone());
        self.block_with(&format!("#[at({name})] async "), tail, |make| {
            make.note();
            if let Some(var) = make.any(&[Ty::Number]).filter(|var| !var.lent && make.random.one_in(3)) {
                make.count("shadowing in an arm");
                let value = make.small();
                make.line(format!("let {}: u32 = {value};", var.name));
                make.forget(&var.name);
                make.declare(&var.name, Ty::Number);
            }
            if make.may_place() {
                let name = make.name("x");
                let awaited = make.awaited();
                make.line(format!("let {name}: u32 = {awaited};"));
                make.declare(&name, Ty::Number);
            }
            if make.random.one_in(4) {
                make.early_return();
            }
            if make.random.one_in(3) && make.may_join() {
                make.try_join();
                make.count("try_join!");
            }
            make.statements(2);
            make.note();
            let result = make.number();
            format!("{}({result})", make.ok())
        });
        self.count_inside(&before);
    }

    /// Counts what came to be inside of an arm.
    fn count_inside(&mut self, before: &std::collections::BTreeMap<&'static str, u32>) {
        for (inside, shape) in [("suspension in an arm", "suspension"), ("error in an arm", "error of a step")] {
            let count = |all: &std::collections::BTreeMap<&'static str, u32>| all.get(shape).copied().unwrap_or(0);
            if count(&self.shapes) > count(before) {
                self.count(inside);
            }
        }
    }

    /// The arms of a join; which of them are blocks.
    fn arms(&mut self, try_join: bool) -> Vec<bool> {
        if self.machine != 0 {
            self.count("nested join");
        }
        let count = if self.random.one_in(3) { 3 } else { 2 };
        let failing = (self.may_fail && self.random.one_in(2)).then(|| self.random.below(count));
        let (parent, mut blocks) = (self.machine, Vec::new());
        self.indent += 1;
        self.depth += 1;
        for arm in 0..count {
            let may_fail = if try_join { failing == Some(arm) } else { true };
            let lossy = try_join && failing.is_some_and(|failing| failing != arm);
            let block = self.places > 1 && !self.random.one_in(3);
            self.join_arm(parent, lossy, may_fail, block);
            blocks.push(block);
        }
        self.indent -= 1;
        self.depth -= 1;
        blocks
    }

    fn may_join(&self) -> bool {
        self.places > 1 && self.may_nest() && self.machines.len() < 9 && !self.is_deep()
    }

    /// Whether this is an arm in an arm.
    fn is_deep(&self) -> bool {
        self.machine != 0 && self.machines[self.machine as usize].0 != 0
    }

    fn join_head(&mut self) -> String {
        if self.random.one_in(2) { self.place() } else { String::new() }
    }

    pub(crate) fn try_join(&mut self) -> bool {
        if !self.may_join() {
            return false;
        }
        let label = self.join_head();
        self.passed += 1;
        let whole = self.name("z");
        let as_whole = self.random.one_in(3);
        let mark = self.out.len();
        let blocks = self.arms(true);
        let arms = self.out.split_off(mark);
        let names: Vec<_> = blocks.iter().map(|_| self.name("z")).collect();
        let numbers = blocks.iter().map(|_| "u32").collect::<Vec<_>>().join(", ");
        let left = if as_whole { format!("{whole}: ({numbers})") } else { format!("({})", names.join(", ")) };
        self.line(format!("let {left} = {label}try_join!("));
        self.out += &arms;
        self.line(")?;");
        self.passed += 1;
        if as_whole {
            self.line(format!("let ({}): ({numbers}) = {whole};", names.join(", ")));
        }
        for (name, block) in names.iter().zip(blocks) {
            if block {
                self.line(format!("let {name}: u32 = {name};"));
            }
            self.declare(name, Ty::Number);
        }
        true
    }

    pub(crate) fn join(&mut self) -> bool {
        if !self.may_join() {
            return false;
        }
        let label = self.join_head();
        self.passed += 1;
        let mark = self.out.len();
        let blocks = self.arms(false);
        let arms = self.out.split_off(mark);
        let names: Vec<_> = blocks.iter().map(|_| self.name("j")).collect();
        self.line(format!("let ({}) = {label}join!(", names.join(", ")));
        self.out += &arms;
        self.line(");");
        self.passed += 1;
        for name in &names {
            if self.may_fail && self.random.one_in(4) {
                self.line(format!("let {name}: u32 = {name}?;"));
            } else {
                let site = self.site();
                self.line(format!("let {name}: u32 = {name}.unwrap_or_else(|error| {{ t({site}, error.to_string()); 3 }});"));
            }
            self.declare(name, Ty::Number);
        }
        true
    }

    pub(crate) fn join_all(&mut self) -> bool {
        self.many(false)
    }

    pub(crate) fn try_join_all(&mut self) -> bool {
        self.many(true)
    }

    /// An arm for each item. Those of a `try_join_all!` do not fail, for which of two were first would be chance.
    fn many(&mut self, try_join: bool) -> bool {
        if !self.may_join() || !self.loops.is_empty() {
            return false;
        }
        let (list, item, name, parent) = (self.lent_list(), self.name("g"), self.name("z"), self.machine);
        let block = self.places > 1 && self.random.one_in(2);
        self.passed += 1;
        let mark = self.out.len();
        self.depth += 1;
        self.within_arm((parent, false, true), !try_join, |make| {
            make.declare(&item, Ty::NumberRef);
            if block {
                make.arm_block("");
            } else {
                let call = make.call_number();
                make.line(call);
            }
        });
        self.depth -= 1;
        let arm = self.out.split_off(mark);
        let limit = if self.random.one_in(2) { ", limit = 2" } else { "" };
        let (kind, end) = if try_join { ("try_join_all", "?") } else { ("join_all", "") };
        let written = if try_join { ": Vec<u32>" } else { "" };
        self.line(format!("let {name}{written} = {kind}!(&{list}, |{item}| {}{limit}){end};", arm.trim()));
        self.passed += 1;
        if !try_join {
            let site = self.site();
            let value = format!("result.unwrap_or_else(|error| {{ t({site}, error.to_string()); 3 }})");
            self.line(format!("let {name}: Vec<u32> = {name}.into_iter().map(|result| {value}).collect();"));
        }
        self.declare(&name, Ty::List);
        true
    }

    /// One arm that ends, and one or two that wait for ever and are dropped.
    pub(crate) fn select(&mut self) -> bool {
        if !self.may_join() {
            return false;
        }
        let (name, label) = (self.name("x"), self.join_head());
        let count = 2 + self.random.below(2);
        let winner = self.random.below(count);
        self.passed += 1;
        self.line(format!("let {name}: u32 = {label}select! {{"));
        self.indent += 1;
        for arm in 0..count {
            let won = self.name("won");
            let node = if arm == winner { self.winner() } else { self.loser() };
            self.passed += 1;
            self.block_with(&format!("{won} = {node} => "), ",", |make| {
                make.branches += 1;
                if arm == winner {
                    make.side();
                    make.statements(1);
                }
                make.branches -= 1;
                let still = make.still();
                format!("mix({won}?, {still})")
            });
        }
        self.indent -= 1;
        self.line("};");
        self.passed += 1;
        self.declare(&name, Ty::Number);
        true
    }

    fn winner(&mut self) -> String {
        let (mut call, parent) = (String::new(), self.machine);
        self.within_arm((parent, false, false), false, |make| {
            let (site, n, label) = (make.site(), make.number(), make.place());
            call = format!("{label}a({site}, {n})");
        });
        call
    }

    fn loser(&mut self) -> String {
        let (mut call, parent) = (String::new(), self.machine);
        self.within_arm((parent, false, false), false, |make| {
            let (site, n, label) = (make.site(), make.number(), make.place());
            call = format!("{label}never({site}, {n})");
            if make.random.one_in(2) {
                let (arm, ok) = (make.name("arm"), make.ok());
                call = format!("#[at({arm})] async {{ let never = {call}.await?; {ok}(never + {n}) }}");
            }
        });
        call
    }
}
