//! Loops. Each counts its turns, so that each ends.

use super::Make;
use super::scope::Ty;

/// A loop around what is being written.
#[derive(Clone, Debug)]
pub(crate) struct Loop {
    label: Option<String>,
    /// Whether `break` takes a number.
    value: bool,
}

impl Make {
    fn may_loop(&self) -> bool {
        self.loops.len() < 2 && self.may_nest() && self.may_place()
    }

    /// `inside` in a loop.
    fn turns(&mut self, label: Option<&str>, value: bool, inside: impl FnOnce(&mut Self)) {
        self.loops.push(Loop { label: label.map(str::to_owned), value });
        inside(self);
        self.loops.pop();
    }

    fn counter(&mut self) -> String {
        let name = self.name("c");
        self.line(format!("let mut {name}: u32 = 0;"));
        self.declare(&name, Ty::Number);
        name
    }

    /// A jump out of some loop, or to its next turn. Nothing may follow it in its block.
    pub(crate) fn jump(&mut self) {
        self.count("break or continue");
        let inner = self.loops.len() - 1;
        let labelled: Vec<usize> = (0..inner).filter(|at| self.loops[*at].label.is_some()).collect();
        let at = if labelled.is_empty() || self.random.one_in(3) { inner } else { *self.random.pick(&labelled) };
        let Loop { label, value } = self.loops[at].clone();
        let label = label.filter(|_| at != inner || self.random.one_in(2)).map_or(String::new(), |label| format!(" {label}"));
        if at != inner {
            self.count("labelled loops");
        }
        if self.random.one_in(2) {
            self.line(format!("continue{label};"));
        } else if value {
            let number = self.number();
            self.line(format!("break{label} {number};"));
        } else {
            self.line(format!("break{label};"));
        }
    }

    fn maybe_jump(&mut self) {
        let condition = self.condition();
        self.block(&format!("if {condition} "), "", |make| {
            make.side();
            if make.may_place() && make.random.one_in(3) {
                let awaited = make.awaited();
                make.line(format!("{awaited};"));
            }
            make.jump();
        });
    }

    /// The inside of a loop's body; a place is in it.
    fn turn(&mut self) {
        self.note();
        if self.random.one_in(2) {
            self.maybe_jump();
        }
        let name = self.name("x");
        let awaited = self.awaited();
        self.line(format!("let {name}: u32 = {awaited};"));
        self.declare(&name, Ty::Number);
        self.statements(2);
        if self.random.one_in(2) {
            self.maybe_jump();
        }
        if let Some(var) = self.assignable(Ty::Number) {
            let small = self.small();
            self.line(format!("{} += {small};", var.name));
        }
    }

    fn label(&mut self) -> Option<String> {
        self.random.one_in(2).then(|| self.name("'l"))
    }

    pub(crate) fn while_loop(&mut self) -> bool {
        if !self.may_loop() {
            return false;
        }
        let (counter, most, label) = (self.counter(), 2 + self.random.below(2), self.label());
        let head = label.as_ref().map_or(String::new(), |label| format!("{label}: "));
        self.turns(label.as_deref(), false, |make| {
            let condition = if make.random.one_in(3) {
                make.count("await in a condition");
                format!("{} < 38 && {counter} < {most}", make.awaited())
            } else {
                format!("{counter} < {most}")
            };
            make.block(&format!("{head}while {condition} "), "", |make| {
                make.line(format!("{counter} += 1;"));
                make.turn();
            });
        });
        true
    }

    pub(crate) fn while_let(&mut self) -> bool {
        if !self.may_loop() {
            return false;
        }
        let (queue, item, list) = (self.name("v"), self.name("w"), self.list());
        self.line(format!("let mut {queue}: Vec<u32> = {list};"));
        self.line(format!("{queue}.truncate(3);"));
        self.declare(&queue, Ty::List);
        self.turns(None, false, |make| {
            make.block(&format!("while let Some({item}) = {queue}.pop() "), "", |make| {
                make.line(format!("let {item}: u32 = {item};"));
                make.declare(&item, Ty::Number);
                make.turn();
            });
        });
        true
    }

    pub(crate) fn break_value(&mut self) -> bool {
        if !self.may_loop() {
            return false;
        }
        let (counter, label, name) = (self.counter(), self.label(), self.name("x"));
        let head = label.as_ref().map_or(String::new(), |label| format!("{label}: "));
        self.turns(label.as_deref(), true, |make| {
            make.block(&format!("let {name}: u32 = {head}loop "), ";", |make| {
                make.line(format!("{counter} += 1;"));
                let number = make.number();
                make.block(&format!("if {counter} > 3 "), "", |make| make.line(format!("break {number};")));
                make.turn();
            });
        });
        self.declare(&name, Ty::Number);
        true
    }

    /// A loop in a loop, and jumps of the inner one that mean the outer one.
    pub(crate) fn labelled_loops(&mut self) -> bool {
        if !self.may_loop() || !self.loops.is_empty() || self.places < 2 {
            return false;
        }
        let (outer, inner, label) = (self.counter(), self.name("c"), self.name("'l"));
        self.turns(Some(&label), false, |make| {
            make.block(&format!("{label}: while {outer} < 3 "), "", |make| {
                make.line(format!("{outer} += 1;"));
                make.line(format!("let mut {inner}: u32 = 0;"));
                make.declare(&inner, Ty::Number);
                make.turns(None, false, |make| {
                    make.block("loop ", "", |make| {
                        make.line(format!("{inner} += 1;"));
                        make.block(&format!("if {inner} > 2 "), "", |make| {
                            let jump = if make.random.one_in(2) { format!("continue {label};") } else { "break;".to_owned() };
                            make.line(jump);
                        });
                        make.turn();
                    });
                });
            });
        });
        true
    }

    /// A loop over what a run can look at again; its item is made again behind each place.
    fn for_loop(&mut self, item: &str, list: &str, inside: impl FnOnce(&mut Self)) {
        let label = self.label();
        let head = label.as_ref().map_or(String::new(), |label| format!("{label}: "));
        self.turns(label.as_deref(), false, |make| {
            make.block(&format!("{head}for {item} in {list} "), "", |make| {
                inside(make);
                make.turn();
            });
        });
    }

    pub(crate) fn for_list(&mut self) -> bool {
        if !self.may_loop() {
            return false;
        }
        let name = self.lent_list();
        let item = self.name("g");
        self.for_loop(&item, &format!("&{name}"), |make| {
            make.lend(&name);
            make.declare(&item, Ty::NumberRef);
        });
        true
    }

    /// A list of this machine, made here if there is none.
    pub(crate) fn lent_list(&mut self) -> String {
        if let Some(var) = self.lendable(&[Ty::List]) {
            return var.name;
        }
        let (name, list) = (self.name("v"), self.list());
        self.line(format!("let {name}: Vec<u32> = {list};"));
        self.declare(&name, Ty::List);
        name
    }

    pub(crate) fn for_range(&mut self) -> bool {
        if !self.may_loop() {
            return false;
        }
        let (item, most, number) = (self.name("g"), self.name("x"), self.number());
        self.line(format!("let {most}: u32 = mix({number}, 1) % 4;"));
        self.declare(&most, Ty::Number).lent = true;
        let range = *self.random.pick(&["0..MOST", "0..=MOST", "(0..MOST).rev()"]);
        self.for_loop(&item, &range.replace("MOST", &most), |make| {
            make.declare(&item, Ty::Number).lent = true;
        });
        true
    }

    pub(crate) fn for_index(&mut self) -> bool {
        if !self.may_loop() {
            return false;
        }
        let (name, index, item) = (self.lent_list(), self.name("h"), self.name("g"));
        self.for_loop(&format!("({index}, {item})"), &format!("{name}.iter().enumerate()"), |make| {
            make.lend(&name);
            make.declare(&item, Ty::NumberRef);
            let awaited = make.awaited();
            make.line(format!("{awaited};"));
            let site = make.site();
            make.line(format!("t({site}, {index});"));
        });
        true
    }

    /// The list is moved into the loop.
    pub(crate) fn for_taken(&mut self) -> bool {
        if !self.may_loop() || self.places < 2 {
            return false;
        }
        let item = self.name("g");
        let list = match self.own(&[Ty::List]) {
            Some(var) if self.random.one_in(2) => {
                self.forget(&var.name);
                var.name
            }
            _ => {
                let (site, n, label) = (self.site(), self.number(), self.place());
                format!("{label}list({site}, {n}).await?")
            }
        };
        self.for_loop(&item, &list, |make| {
            make.declare(&item, Ty::Number).lent = true;
        });
        true
    }

    /// A loop without a place that jumps out of one with a place.
    pub(crate) fn jump_from_plain(&mut self) -> bool {
        if !self.may_loop() {
            return false;
        }
        let (counter, label) = (self.counter(), self.name("'l"));
        self.turns(Some(&label), false, |make| {
            make.block(&format!("{label}: loop "), "", |make| {
                make.line(format!("{counter} += 1;"));
                make.block(&format!("if {counter} > 3 "), "", |make| make.line("break;"));
                let awaited = make.awaited();
                make.line(format!("{awaited};"));
                let (condition, other) = (make.condition(), make.condition());
                let jump = if make.random.one_in(2) { "continue" } else { "break" };
                make.block("for k in 0..3u32 ", "", |make| {
                    make.block(&format!("if k == 1 && {condition} "), "", |make| {
                        make.side();
                        make.line(format!("{jump} {label};"));
                    });
                    make.block(&format!("if {other} "), "", |make| make.line("break;"));
                });
                make.turn();
            });
        });
        true
    }
}
