//! Branches.

use super::Make;
use super::scope::Ty;

impl Make {
    /// The inside of an arm of a branch.
    fn arm(&mut self, most: usize) {
        self.branches += 1;
        if self.branches > 1 {
            self.count("nested branches");
        }
        self.side();
        self.statements(most);
        self.branches -= 1;
    }

    /// The inside of an arm whose value is a number.
    fn arm_value(&mut self) -> String {
        self.branches += 1;
        if self.branches > 1 {
            self.count("nested branches");
        }
        self.side();
        if self.random.one_in(2) && self.depth < 4 {
            self.statements(1);
        }
        self.branches -= 1;
        if self.may_place() && !self.random.one_in(3) { self.awaited() } else { self.number() }
    }

    pub(crate) fn may_nest(&self) -> bool {
        self.depth < 4
    }

    pub(crate) fn if_statement(&mut self) -> bool {
        if !self.may_nest() {
            return false;
        }
        let condition = self.condition();
        self.block(&format!("if {condition} "), "", |make| make.arm(2));
        if self.random.one_in(3) {
            let condition = self.condition();
            self.block(&format!("else if {condition} "), "", |make| make.arm(1));
        }
        if self.random.one_in(2) {
            self.block("else ", "", |make| make.arm(2));
        }
        true
    }

    pub(crate) fn if_value(&mut self) -> bool {
        if !self.may_nest() {
            return false;
        }
        let (condition, known) = (self.condition(), self.assignable(Ty::Number).filter(|_| self.random.one_in(3)));
        let (head, name) = match known {
            Some(var) => (format!("{} = ", var.name), None),
            None => {
                let name = self.name("x");
                (format!("let {name}: u32 = "), Some(name))
            }
        };
        self.block_with(&format!("{head}if {condition} "), "", Self::arm_value);
        self.block_with("else ", ";", Self::arm_value);
        if let Some(name) = name {
            self.declare(&name, Ty::Number);
        }
        true
    }

    pub(crate) fn if_let(&mut self) -> bool {
        if !self.may_nest() {
            return false;
        }
        let name = self.name("i");
        match (self.lendable(&[Ty::Pair, Ty::PairRef, Ty::Maybe]), self.random.below(3)) {
            (Some(var), 0 | 1) => {
                let place = if var.ty == Ty::Maybe { "" } else { ".right" };
                self.block(&format!("if let Some({name}) = &{}{place} ", var.name), "", |make| {
                    make.lend(&var.name);
                    make.declare(&name, Ty::TextRef);
                    make.arm(2);
                });
            }
            _ if self.may_place() => {
                let pair = self.awaited_pair();
                self.count("await in a condition");
                self.block(&format!("if let Some({name}) = {pair}.right "), "", |make| {
                    make.line(format!("let {name}: String = {name};"));
                    make.declare(&name, Ty::Text);
                    make.arm(2);
                });
            }
            _ => return false,
        }
        if self.random.one_in(2) {
            self.block("else ", "", |make| make.arm(1));
        }
        true
    }

    pub(crate) fn let_chain(&mut self) -> bool {
        if !self.may_nest() {
            return false;
        }
        let Some(var) = self.lendable_pair(&[Ty::Pair, Ty::Maybe]) else { return false };
        let (name, condition) = (self.name("i"), self.condition());
        let place = if var.ty == Ty::Maybe { "" } else { ".right" };
        let more = if self.random.one_in(2) { format!(" && {condition}") } else { String::new() };
        self.block(&format!("if let Some({name}) = &{}{place} && {name}.len() > 1{more} ", var.name), "", |make| {
            make.lend(&var.name);
            make.declare_fleeting(&name, Ty::TextRef);
            make.arm(2);
        });
        if self.random.one_in(2) {
            self.block("else ", "", |make| make.arm(1));
        }
        true
    }

    pub(crate) fn match_guards(&mut self) -> bool {
        if !self.may_nest() {
            return false;
        }
        let Some(var) = self.lendable_pair(&[Ty::Pair, Ty::PairRef]) else { return false };
        let (name, limit) = (self.name("k"), self.random.below(30));
        self.line(format!("match &{}.kind {{", var.name));
        self.indent += 1;
        self.block(&format!("Kind::Even({name}) if *{name} > {limit} => "), "", |make| {
            make.lend(&var.name);
            make.line(format!("let {name}: u32 = *{name};"));
            make.declare(&name, Ty::Number);
            make.arm(2);
        });
        self.block(&format!("Kind::Even({name}) => "), "", |make| {
            make.lend(&var.name);
            make.declare(&name, Ty::NumberRef);
            make.arm(2);
            let site = make.site();
            make.line(format!("t({site}, {name});"));
        });
        self.block("Kind::Odd => ", "", |make| make.arm(1));
        self.indent -= 1;
        self.line("}");
        true
    }

    pub(crate) fn match_value(&mut self) -> bool {
        if !self.may_nest() {
            return false;
        }
        let (value, name) = match self.any(&[Ty::Maybe]) {
            Some(var) if self.random.one_in(2) => (format!("{}.clone()", var.name), self.name("x")),
            _ if self.may_place() => {
                self.count("await in a condition");
                (format!("{}.right", self.awaited_pair()), self.name("x"))
            }
            _ => return false,
        };
        let bound = self.name("i");
        self.line(format!("let {name}: u32 = match {value} {{"));
        self.indent += 1;
        self.block_with(&format!("Some({bound}) if {bound}.len() > 2 => "), "", |make| {
            make.declare_fleeting(&bound, Ty::Text);
            make.arm_value()
        });
        self.block_with(&format!("Some({bound}) => "), "", |make| {
            make.line(format!("let {bound}: String = {bound};"));
            make.declare(&bound, Ty::Text);
            make.arm_value()
        });
        self.block_with("None => ", "", Self::arm_value);
        self.indent -= 1;
        self.line("};");
        self.declare(&name, Ty::Number);
        true
    }

    pub(crate) fn match_number(&mut self) -> bool {
        if !self.may_nest() {
            return false;
        }
        let (number, bound) = (self.number(), self.name("k"));
        self.line(format!("match mix({number}, 2) % 6 {{"));
        self.indent += 1;
        self.block("0 | 1 => ", "", |make| make.arm(2));
        self.block(&format!("{bound} @ 2..=3 => "), "", |make| {
            make.line(format!("let {bound}: u32 = {bound};"));
            make.declare(&bound, Ty::Number);
            make.arm(2);
        });
        let condition = self.condition();
        self.block(&format!("_ if {condition} => "), "", |make| make.arm(1));
        self.line("_ => {}");
        self.indent -= 1;
        self.line("}");
        true
    }

    pub(crate) fn let_else(&mut self) -> bool {
        let Some(var) = self.lendable_pair(&[Ty::Maybe, Ty::Pair]) else { return false };
        let (name, by_reference) = (self.name("e"), self.random.one_in(2));
        let place = if var.ty == Ty::Maybe { "" } else { ".right" };
        let value = if by_reference { format!("&{}{place}", var.name) } else { format!("{}{place}.clone()", var.name) };
        self.block(&format!("let Some({name}) = {value} else "), ";", |make| {
            make.side();
            if make.may_place() && make.random.one_in(2) {
                let awaited = make.awaited();
                make.line(format!("{awaited};"));
            }
            make.leave();
        });
        if by_reference {
            self.lend(&var.name);
            self.declare(&name, Ty::TextRef);
        } else {
            self.line(format!("let {name}: String = {name};"));
            self.declare(&name, Ty::Text);
        }
        true
    }

    /// Out of the machine, or to the next turn.
    fn leave(&mut self) {
        if !self.loops.is_empty() && self.random.one_in(2) {
            return self.jump();
        }
        let (ok, result) = (self.ok(), self.result());
        self.count(if self.machine == 0 { "early return" } else { "early return in an arm" });
        self.line(format!("return {ok}({result});"));
    }

    pub(crate) fn early_return(&mut self) -> bool {
        let condition = self.condition();
        let rare = self.number();
        let fails = self.may_fail && self.random.one_in(3);
        self.block(&format!("if {condition} && mix({rare}, 9) % 3 == 0 "), "", |make| {
            make.side();
            if make.may_place() && make.random.one_in(3) {
                let awaited = make.awaited();
                make.line(format!("{awaited};"));
            }
            if fails {
                make.line("return Err(Error::new(\"left early\"));");
            } else {
                let (ok, result) = (make.ok(), make.result());
                make.line(format!("return {ok}({result});"));
            }
        });
        if self.machine != 0 {
            self.count("early return in an arm");
        }
        true
    }

    pub(crate) fn condition_awaits(&mut self) -> bool {
        if self.places < 2 || !self.may_nest() {
            return false;
        }
        let limit = self.random.below(30);
        match self.random.below(3) {
            0 => {
                let (awaited, condition) = (self.awaited(), self.still());
                self.block(&format!("if {awaited} > {limit} && {condition} != 1 "), "", |make| make.arm(2));
                self.block("else ", "", |make| make.arm(1));
            }
            1 => {
                let (site, n, label) = (self.site(), self.number(), self.place());
                self.block(&format!("if !{label}test({site}, {n}).await? "), "", |make| make.arm(2));
            }
            _ => {
                let (awaited, name) = (self.awaited(), self.name("k"));
                self.line(format!("match {awaited} {{"));
                self.indent += 1;
                self.block(&format!("{name} if {name} > {limit} => "), "", |make| {
                    make.line(format!("let {name}: u32 = {name};"));
                    make.declare(&name, Ty::Number);
                    make.arm(2);
                });
                self.block("_ => ", "", |make| make.arm(1));
                self.indent -= 1;
                self.line("}");
            }
        }
        true
    }
}
