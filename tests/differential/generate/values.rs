//! Expressions. What holds a place reads only what can be kept beside it.

use super::Make;
use super::scope::Ty;

impl Make {
    /// A number, without a place.
    pub(crate) fn number(&mut self) -> String {
        use Ty::{List, Maybe, MaybeRef, Number, NumberRef, Pair, PairRef, Text, TextRef};
        let var = self.any(&[Number, Number, NumberRef, Text, TextRef, Pair, PairRef, List, Maybe, MaybeRef]);
        let Some(var) = var.filter(|_| !self.random.one_in(6)) else { return self.random.below(9).to_string() };
        let name = &var.name;
        let value = match var.ty {
            Number => name.clone(),
            NumberRef => format!("*{name}"),
            Text | TextRef => format!("({name}.len() as u32)"),
            Pair | PairRef => format!("{name}.left"),
            List => (*self.random.pick(&[
                "(LIST.len() as u32)",
                "LIST.iter().sum::<u32>() % 50",
                "LIST.first().copied().unwrap_or(4)",
            ]))
            .replace("LIST", name),
            _ => format!("({name}.as_deref().map_or(0, str::len) as u32)"),
        };
        match self.random.below(4) {
            0 => format!("mix({value}, {})", self.random.below(20)),
            1 => {
                let other = self.still();
                format!("mix({value}, {other})")
            }
            _ => value,
        }
    }

    /// A small number that is added up.
    pub(crate) fn small(&mut self) -> String {
        let number = self.number();
        format!("mix({number}, {}) % 10", self.random.below(9))
    }

    /// A name or a literal: it makes no difference when it is read.
    pub(crate) fn still(&mut self) -> String {
        match self.any(&[Ty::Number]).filter(|_| !self.random.one_in(5)) {
            Some(var) => var.name,
            None => self.random.below(9).to_string(),
        }
    }

    pub(crate) fn text(&mut self) -> String {
        let known = self.any(&[Ty::Text, Ty::TextRef]);
        match (known, self.random.below(3)) {
            (Some(var), 0) => format!("{}.clone()", var.name),
            (Some(var), 1) => {
                let number = self.number();
                format!("format!(\"{{}}-{{}}\", {}.len(), {number})", var.name)
            }
            _ => {
                self.count("macros");
                match self.any(&[Ty::Number]) {
                    Some(var) => format!("format!(\"<{{{}}}>\")", var.name),
                    None => "format!(\"{{{}}}\", 1)".to_owned(),
                }
            }
        }
    }

    pub(crate) fn list(&mut self) -> String {
        match self.any(&[Ty::List]).filter(|_| !self.random.one_in(3)) {
            Some(var) if self.random.one_in(2) => format!("{}.clone()", var.name),
            Some(var) => format!("{}.iter().take(4).map(|item| mix(*item, {})).collect::<Vec<u32>>()", var.name, self.names),
            None => {
                self.count("macros");
                let (one, two) = (self.number(), self.number());
                format!("vec![{one}, {two}]")
            }
        }
    }

    pub(crate) fn value(&mut self, ty: Ty) -> String {
        match ty {
            Ty::Text => self.text(),
            Ty::List => self.list(),
            Ty::Flag => self.condition(),
            Ty::Maybe => {
                let text = self.text();
                let number = self.number();
                format!("({number} % 3 != 0).then(|| {text})")
            }
            _ => self.number(),
        }
    }

    /// A condition without a place.
    pub(crate) fn condition(&mut self) -> String {
        let number = self.any(&[Ty::Number]).map_or_else(|| self.number(), |var| var.name);
        match self.random.below(7) {
            0 => format!("mix({number}, 3) > {}", 20 + self.random.below(60)),
            1 => match self.any(&[Ty::Pair, Ty::PairRef]) {
                Some(var) => {
                    self.count("macros");
                    format!("matches!({}.kind, Kind::Even(k) if k > {})", var.name, self.random.below(20))
                }
                None => format!("{number} > 3"),
            },
            2 => match self.any(&[Ty::Flag]) {
                Some(var) => var.name,
                None => format!("{number} != 2"),
            },
            3 => {
                let other = self.number();
                format!("(mix({number}, 1) % 2 == 0 || {other} < 2)")
            }
            _ => format!("mix({number}, {}) % {} == 0", self.random.below(50), 2 + self.random.below(2)),
        }
    }

    /// The call of a node that gives a number, labelled, without `.await`.
    pub(crate) fn call_number(&mut self) -> String {
        let which = self.random.below(if self.may_fail { 11 } else { 10 });
        let site = self.site();
        let call = match which {
            0 => {
                self.count("suspension");
                let about = self.borrowed_text();
                format!("ask({site}, {about})")
            }
            1 => {
                self.count("nested workflow");
                let n = self.number();
                format!("Inner(Job {{ site: {site}, n: {n} }})")
            }
            2 => {
                let (text, list) = (self.borrowed_text(), self.borrowed_list());
                format!("measure({site}, {text}, {list})")
            }
            10 => {
                self.count("error of a step");
                let n = self.number();
                format!("risky({site}, {n})")
            }
            which => {
                let (step, n) = (if which % 2 == 0 { "a" } else { "b" }, self.number());
                format!("{step}({site}, {n})")
            }
        };
        self.place() + &call
    }

    fn borrowed_text(&mut self) -> String {
        match self.any(&[Ty::Text, Ty::TextRef]) {
            Some(var) if var.ty == Ty::Text => format!("&{}", var.name),
            Some(var) => var.name,
            None => format!("&{}", self.text()),
        }
    }

    fn borrowed_list(&mut self) -> String {
        match self.any(&[Ty::List]) {
            Some(var) => format!("&{}", var.name),
            None => {
                let n = self.number();
                format!("&[{n}]")
            }
        }
    }

    /// A number from a node.
    pub(crate) fn awaited(&mut self) -> String {
        let call = self.call_number();
        if !self.random.one_in(8) {
            return format!("{call}.await?");
        }
        self.count("`.await` without `?`");
        format!("{call}.await.unwrap_or(6)")
    }

    /// Some other node, with the type it gives.
    pub(crate) fn awaited_any(&mut self) -> (String, Ty) {
        let (site, n) = (self.site(), self.number());
        let (call, ty) = match self.random.below(6) {
            0 | 1 => (format!("pair({site}, {n})"), Ty::Pair),
            2 => (format!("list({site}, {n})"), Ty::List),
            3 => (format!("name({site}, {n})"), Ty::Text),
            4 => {
                self.count("suspension");
                (format!("approve({site}, {n})"), Ty::Flag)
            }
            _ => (format!("test({site}, {n})"), Ty::Flag),
        };
        let label = self.place();
        (format!("{label}{call}.await?"), ty)
    }

    pub(crate) fn awaited_pair(&mut self) -> String {
        let (site, n) = (self.site(), self.number());
        let label = self.place();
        format!("{label}pair({site}, {n}).await?")
    }

    /// An expression around places.
    pub(crate) fn around(&mut self) -> String {
        self.count("awaits in arguments");
        let still = self.still();
        let one = self.awaited();
        match self.random.below(8) {
            0 => format!("mix({still}, {one})"),
            1 => {
                let two = self.awaited();
                format!("mix({}?, {two})", one.trim_end_matches('?').trim_end_matches(".unwrap_or(6)"))
            }
            2 => format!("{still} + {one}"),
            3 => {
                let (site, label) = (self.site(), self.place());
                format!("{label}a({site}, {one}).await.unwrap_or(2)")
            }
            4 => format!("({one}).min(40)"),
            5 => format!("u32::max({still}, {one})"),
            6 => {
                let pair = self.awaited_pair();
                format!("{pair}.left")
            }
            _ => format!("({one} as u64 + 1) as u32"),
        }
    }
}
