//! Statements without blocks of their own.

use super::Make;
use super::scope::Ty;

impl Make {
    pub(crate) fn may_place(&self) -> bool {
        self.places > 0
    }

    /// `let x = <node>`, or a plain `let` with its type.
    pub(super) fn sequence(&mut self) -> bool {
        if !self.may_place() {
            return false;
        }
        let (value, ty) = if self.random.one_in(3) { self.awaited_any() } else { (self.awaited(), Ty::Number) };
        let name = self.name("x");
        let bare = value.ends_with("await?");
        let written = if bare && !self.random.one_in(4) { String::new() } else { format!(": {}", ty.written()) };
        self.line(format!("let {name}{written} = {value};"));
        self.declare(&name, ty);
        true
    }

    pub(super) fn let_mut(&mut self) -> bool {
        let ty = *self.random.pick(&[Ty::Number, Ty::Number, Ty::Text, Ty::List, Ty::Maybe]);
        let (name, value) = (self.name("m"), self.value(ty));
        self.line(format!("let mut {name}: {} = {value};", ty.written()));
        self.declare(&name, ty).mutable = true;
        true
    }

    pub(super) fn assignment(&mut self) -> bool {
        let ty = *self.random.pick(&[Ty::Number, Ty::Number, Ty::Text, Ty::List]);
        let name = match self.assignable(ty) {
            Some(var) => var.name,
            None if ty == Ty::Number => self.counted(),
            None => return false,
        };
        let value = match ty {
            Ty::Number if self.may_place() && self.random.one_in(2) => self.around(),
            Ty::Number if self.may_place() => self.awaited(),
            ty => self.value(ty),
        };
        self.line(format!("{name} = {value};"));
        true
    }

    pub(super) fn add(&mut self) -> bool {
        let name = self.counted();
        let value = if self.may_place() && self.random.one_in(2) { self.awaited() } else { self.small() };
        self.line(format!("{name} += {value};"));
        true
    }

    pub(super) fn shadow_same(&mut self) -> bool {
        let Some(var) = self.own(&[Ty::Number]) else { return false };
        let name = &var.name;
        let value = if self.may_place() && self.random.one_in(2) {
            format!("mix({name}, {})", self.awaited())
        } else {
            format!("mix({name}, {})", self.small())
        };
        let mutable = self.random.one_in(3);
        self.line(format!("let {}{name}: u32 = {value};", if mutable { "mut " } else { "" }));
        self.forget(name);
        self.declare(name, Ty::Number).mutable = mutable;
        true
    }

    pub(super) fn shadow_other(&mut self) -> bool {
        let Some(var) = self.own(&[Ty::Number, Ty::Text]) else { return false };
        let name = &var.name;
        let (ty, value) = match var.ty {
            Ty::Number => (Ty::Text, format!("format!(\"[{{{name}}}]\")")),
            _ => (Ty::Number, format!("{name}.len() as u32")),
        };
        self.line(format!("let {name}: {} = {value};", ty.written()));
        self.forget(name);
        self.declare(name, ty);
        true
    }

    /// The outer variable lives on; the inner one is not kept, since two of one name cannot be.
    pub(super) fn shadow_inside(&mut self) -> bool {
        let Some(var) = self.any(&[Ty::Number]).filter(|var| var.machine == self.machine && !var.lent) else { return false };
        let name = var.name;
        let text = self.random.one_in(2);
        self.block("", "", |make| {
            let value = make.small();
            let value = if text { format!("format!(\"{{}}\", {value})") } else { format!("mix({name}, {value})") };
            make.line(format!("let {name} = {value};"));
            let site = make.site();
            make.line(format!("t({site}, &{name});"));
            make.forget(&name);
            if make.may_place() {
                let awaited = make.awaited();
                make.line(format!("{awaited};"));
            }
        });
        let site = self.site();
        self.line(format!("t({site}, &{name});"));
        true
    }

    pub(super) fn destructure(&mut self) -> bool {
        if !self.may_place() {
            return false;
        }
        let pair = self.awaited_pair();
        let (left, right) = (self.name("l"), self.name("r"));
        self.line(format!("let Pair {{ left: {left}, right: {right}, .. }} = {pair};"));
        self.line(format!("let {left}: u32 = {left};"));
        self.line(format!("let {right}: Option<String> = {right};"));
        self.declare(&left, Ty::Number);
        self.declare(&right, Ty::Maybe);
        true
    }

    /// A reference by field path, which is made again behind each place.
    pub(super) fn reference(&mut self) -> bool {
        let Some(var) = self.lendable(&[Ty::Pair, Ty::PairRef, Ty::Text, Ty::Number]) else { return false };
        let (base, name) = (&var.name, self.name("q"));
        let (place, ty) = match var.ty {
            Ty::Pair | Ty::PairRef => *self.random.pick(&[(".left", Ty::NumberRef), (".right", Ty::MaybeRef), ("", Ty::PairRef)]),
            Ty::Text => ("", Ty::TextRef),
            _ => ("", Ty::NumberRef),
        };
        let borrow = if var.ty == Ty::PairRef && place.is_empty() { "" } else { "&" };
        self.line(format!("let {name} = {borrow}{base}{place};"));
        self.lend(base);
        self.declare(&name, ty);
        if self.may_place() {
            let awaited = self.awaited();
            self.line(format!("{awaited};"));
        }
        let site = self.site();
        self.line(format!("t({site}, {name});"));
        true
    }

    pub(super) fn closure(&mut self) -> bool {
        let (name, still, value) = (self.name("f"), self.still(), self.number());
        let result = self.name("x");
        self.line(format!("let {name} = |k: u32| mix(k, {still});"));
        self.line(format!("let {result}: u32 = {name}({value}) + [1, 2].iter().map(|k| {name}(*k) % 9).sum::<u32>();"));
        self.declare(&result, Ty::Number);
        true
    }

    pub(super) fn item(&mut self) -> bool {
        let (name, limit) = (self.name("item"), self.name("LIMIT").to_uppercase());
        let (most, value, result) = (self.random.below(9), self.number(), self.name("x"));
        self.line(format!("const {limit}: u32 = {most};"));
        self.line(format!("fn {name}(k: u32) -> u32 {{ if k > {most} {{ return {most}; }} mix(k, {most}) }}"));
        self.line(format!("let {result}: u32 = {name}({value}) + {limit};"));
        self.declare(&result, Ty::Number);
        true
    }

    pub(super) fn macros(&mut self) -> bool {
        let (one, two, name) = (self.number(), self.text(), self.name("s"));
        self.line(format!("assert!({one} < 100_000, \"{{}}\", {one});"));
        self.line(format!("let {name}: String = format!(\"{{:>4}}{{extra}}\", {two}, extra = {one});"));
        self.declare(&name, Ty::Text);
        true
    }

    pub(super) fn arguments(&mut self) -> bool {
        if self.places < 2 {
            return false;
        }
        let (value, name) = (self.around(), self.name("x"));
        self.line(format!("let {name}: u32 = {value};"));
        self.declare(&name, Ty::Number);
        true
    }

    pub(super) fn plain_question(&mut self) -> bool {
        if !self.may_fail {
            return false;
        }
        let (value, name) = (self.number(), self.name("x"));
        let call = match self.random.below(4) {
            0 => format!("check({value})?"),
            1 => format!("format!(\"{{}}\", {value}).parse::<u32>()?"),
            _ => format!("check(mix({value}, 4) % 6)? + 1"),
        };
        self.line(format!("let {name}: u32 = {call};"));
        self.declare(&name, Ty::Number);
        true
    }

    /// A result that is looked at later, the node's error in it.
    pub(super) fn outcome(&mut self) -> bool {
        if self.places < 2 {
            return false;
        }
        let (site, n, label) = (self.site(), self.number(), self.place());
        let (name, value) = (self.name("o"), self.name("x"));
        self.count("error of a step");
        self.line(format!("let {name} = {label}risky({site}, {n}).await;"));
        if self.random.one_in(2) {
            let awaited = self.awaited();
            self.line(format!("{awaited};"));
        }
        self.line(format!("let {value}: u32 = match {name} {{"));
        self.indent += 1;
        self.block_with("Ok(value) => ", "", |make| {
            make.side();
            "value".to_owned()
        });
        self.block_with("Err(error) => ", "", |make| {
            make.side();
            let site = make.site();
            make.line(format!("t({site}, error.to_string());"));
            if make.may_place() { make.awaited() } else { make.number() }
        });
        self.indent -= 1;
        self.line("};");
        self.declare(&value, Ty::Number);
        true
    }

    pub(super) fn block_value(&mut self) -> bool {
        if !self.may_place() {
            return false;
        }
        let name = self.name("x");
        self.block_with(&format!("let {name}: u32 = "), ";", |make| {
            make.statements(2);
            if make.may_place() && make.random.one_in(2) { make.around() } else { make.number() }
        });
        self.declare(&name, Ty::Number);
        true
    }

    pub(super) fn moved(&mut self) -> bool {
        let var = match self.own(&[Ty::Text]) {
            Some(var) => var,
            None => {
                let (name, text) = (self.name("s"), self.text());
                self.line(format!("let {name}: String = {text};"));
                self.declare(&name, Ty::Text).clone()
            }
        };
        let name = self.name("s");
        if self.may_place() && self.random.one_in(2) {
            let (site, label) = (self.site(), self.place());
            self.line(format!("let {name} = {label}upper({site}, {}).await?;", var.name));
        } else {
            self.line(format!("let {name}: String = {};", var.name));
        }
        self.forget(&var.name);
        self.declare(&name, Ty::Text);
        true
    }

    pub(super) fn fields(&mut self) -> bool {
        if !self.may_place() {
            return false;
        }
        let (pair, name, list) = (self.awaited_pair(), self.name("y"), self.name("v"));
        self.line(format!("let mut {name}: Pair = {pair};"));
        self.declare(&name, Ty::Pair).mutable = true;
        let value = if self.may_place() { self.awaited() } else { self.number() };
        self.line(format!("{name}.left = {value};"));
        self.line(format!("let mut {list}: Vec<u32> = vec![1, 2];"));
        self.declare(&list, Ty::List).mutable = true;
        let value = if self.may_place() { self.awaited() } else { self.small() };
        self.line(format!("{list}.push({value});"));
        let small = self.small();
        self.line(format!("{list}[1] = {small};"));
        if self.may_place() {
            let awaited = self.awaited();
            self.line(format!("{list}[0] = {awaited};"));
        }
        true
    }

    pub(super) fn let_later(&mut self) -> bool {
        let (name, condition) = (self.name("x"), self.condition());
        self.line(format!("let {name}: u32;"));
        for head in [format!("if {condition} "), "else ".to_owned()] {
            self.block(&head, "", |make| {
                make.side();
                let value = if make.may_place() { make.awaited() } else { make.number() };
                make.line(format!("{name} = {value};"));
            });
        }
        self.declare(&name, Ty::Number);
        true
    }

    /// A block that is left by its label, without a place in it.
    pub(super) fn labelled_block(&mut self) -> bool {
        let (label, name) = (self.name("'b"), self.name("x"));
        let (condition, early, late) = (self.condition(), self.number(), self.number());
        self.line(format!("let {name}: u32 = {label}: {{ if {condition} {{ break {label} {early}; }} {late} }};"));
        self.declare(&name, Ty::Number);
        true
    }

    /// A loop without a place: it stays what it is.
    pub(super) fn plain_loop(&mut self) -> bool {
        let (sum, small) = (self.counted(), self.small());
        self.line(format!("for k in 0..3u32 {{ if k == 1 {{ continue; }} {sum} += k + {small}; }}"));
        let name = self.name("x");
        self.line(format!("let {name}: u32 = loop {{ {sum} += 1; if {sum} % 3 == 0 {{ break {sum} % 20; }} }};"));
        self.declare(&name, Ty::Number);
        true
    }
}
