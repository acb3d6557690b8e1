//! Random bodies. A body is written as text, its variables and their types in scope beside it, so that each compiles.

mod arms;
mod branches;
mod loops;
mod scope;
mod shapes;
mod statements;
mod values;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use scope::{Ty, Var};

use crate::random::Random;

pub(crate) use shapes::SHAPES;

/// A body, and what is known of it.
pub(crate) struct Body {
    /// As a workflow's; the marks say what a plain async fn has otherwise.
    text: String,
    output: &'static str,
    mutable: bool,
    sites: Vec<u32>,
    machines: Vec<(u32, bool, bool)>,
    sides: Vec<u32>,
    pub(crate) shapes: BTreeMap<&'static str, u32>,
}

/// `Ok` at the end of an arm, whose error type a plain `async` block has to be told.
const ARM_OK: &str = "Ok/*arm*/";

/// Behind the tail of a body that is a node: a workflow converts its error, a plain async fn has to.
const TAIL: &str = "/*tail*/";

/// Writes the body of a seed.
pub(crate) fn body(seed: u64) -> Body {
    let mut make = Make::new(seed);
    make.whole();
    let Make { out: text, output, mutable, sites, machines, sides, shapes, .. } = make;
    Body { text, output, mutable, sites, machines, sides, shapes }
}

impl Body {
    /// Writes the module of a body.
    pub(crate) fn write(&self, seed: u64, file: &mut String) {
        let input = if self.mutable { "mut n" } else { "n" };
        let (output, text) = (self.output, self.text.replace(ARM_OK, "Ok").replace(TAIL, ""));
        let plain = without_labels(&self.text.replace(ARM_OK, "Ok::<_, Error>").replace(TAIL, ".map_err(Error::from)"));
        let source = format!("W{seed}<u32 -> {output}>({input}) {{\n{text}}}\n");
        let Self { sites, machines, sides, .. } = self;
        write!(
            file,
            "#[allow(warnings, clippy::all)]
mod w{seed} {{
    use differential::{{Body, ways::Ways}};
    pub(crate) const BODY: Body = Body {{
        seed: {seed}, source: r####\"{source}\"####,
        sites: &{sites:?}, machines: &{machines:?}, sides: &{sides:?},
    }};
    pub(crate) fn ways() -> Ways {{
        Ways::of::<machine::W{seed}>(|input| Box::pin(async move {{ differential::ways::end(plain::body(input).await) }}))
    }}
    mod plain {{
        use differential::plain::*;
        pub(crate) async fn body({input}: u32) -> Result<{output}, Error> {{
{plain}}}
    }}
    mod machine {{
        use differential::nodes::*;
        flow_runtime::workflow! {{ pub(crate) {source} }}
    }}
}}
"
        )
        .expect("a string takes it");
    }
}

/// Without `#[at(..)]`.
fn without_labels(text: &str) -> String {
    let mut pieces = text.split("#[at(");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, piece| all + piece.split_once(")] ").map_or(piece, |(_, rest)| rest))
}

/// What may follow a body that is being written.
pub(crate) struct Make {
    random: Random,
    out: String,
    indent: usize,
    output: &'static str,
    mutable: bool,
    sites: Vec<u32>,
    machines: Vec<(u32, bool, bool)>,
    sides: Vec<u32>,
    shapes: BTreeMap<&'static str, u32>,
    scope: Vec<Var>,
    loops: Vec<loops::Loop>,
    /// What is still to be in this body.
    wanted: Vec<usize>,
    /// The machine that is being written: the body, or an arm.
    machine: u32,
    depth: usize,
    branches: usize,
    /// How many places may still come.
    places: usize,
    /// How many places there were: what has no type is not read behind another one.
    passed: usize,
    /// Whether an error may end this machine.
    may_fail: bool,
    names: usize,
}

impl Make {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let output = *random.pick(&["u32", "u32", "String", "Vec<u32>"]);
        let (places, mutable) = (5 + random.below(6), random.one_in(3));
        let count = shapes::STATEMENTS.len();
        let wanted = (0..4).map(|nth| (seed as usize * 4 + nth) % count).collect();
        Self {
            random,
            out: String::new(),
            indent: 2,
            output,
            mutable,
            sites: Vec::new(),
            machines: vec![(0, false, false)],
            sides: Vec::new(),
            shapes: BTreeMap::new(),
            scope: vec![Var::new("n", Ty::Number, 0, 0).mutable(mutable)],
            loops: Vec::new(),
            wanted,
            machine: 0,
            depth: 0,
            branches: 0,
            places,
            passed: 0,
            may_fail: true,
            names: 0,
        }
    }

    fn count(&mut self, shape: &'static str) {
        assert!(SHAPES.contains(&shape), "{shape} is not in the table");
        *self.shapes.entry(shape).or_default() += 1;
    }

    fn line(&mut self, text: impl AsRef<str>) {
        let indent = "    ".repeat(self.indent);
        writeln!(self.out, "{indent}{}", text.as_ref()).expect("a string takes it");
    }

    fn site(&mut self) -> u32 {
        self.sites.push(self.machine);
        self.sites.len() as u32 - 1
    }

    fn name(&mut self, letter: &str) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    /// A place is about to be written: its label.
    fn place(&mut self) -> String {
        self.places = self.places.saturating_sub(1);
        self.passed += 1;
        let name = self.name("p");
        format!("#[at({name})] ")
    }

    /// Notes a value of a variable in the log.
    fn note(&mut self) {
        let site = self.site();
        let known: Vec<_> = self.scope.iter().filter(|var| self.readable(var)).map(|var| var.name.clone()).collect();
        let value = if known.is_empty() { "()".to_owned() } else { self.random.pick(&known).clone() };
        self.line(format!("t({site}, &{value});"));
    }

    /// The head of a side of a branch: the log shows that it was met.
    fn side(&mut self) {
        let site = self.sites.len() as u32;
        self.sides.push(site);
        self.note();
    }

    /// `head { inside }`, what is declared inside of it forgotten; `tail` ends it.
    fn block(&mut self, head: &str, tail: &str, inside: impl FnOnce(&mut Self)) {
        self.line(format!("{head}{{"));
        let (scope, wanted) = (self.scope.clone(), self.random.one_in(2));
        (self.indent, self.depth) = (self.indent + 1, self.depth + 1);
        inside(self);
        if wanted && !self.has_left() {
            self.note();
        }
        (self.indent, self.depth) = (self.indent - 1, self.depth - 1);
        self.scope = scope;
        self.line(format!("}}{tail}"));
    }

    /// Whether the last line leaves its block.
    fn has_left(&self) -> bool {
        let last = self.out.trim_end().lines().last().unwrap_or_default().trim_start();
        ["break", "continue", "return"].iter().any(|jump| last.starts_with(jump))
    }

    /// `head { statements; value }` with a value at its end.
    fn block_with(&mut self, head: &str, tail: &str, inside: impl FnOnce(&mut Self) -> String) {
        self.line(format!("{head}{{"));
        let scope = self.scope.clone();
        (self.indent, self.depth) = (self.indent + 1, self.depth + 1);
        let value = inside(self);
        self.line(value);
        (self.indent, self.depth) = (self.indent - 1, self.depth - 1);
        self.scope = scope;
        self.line(format!("}}{tail}"));
    }

    /// What a machine gives at its end, or by `return`.
    fn result(&mut self) -> String {
        match (self.machine, self.output) {
            (0, "String") => self.text(),
            (0, "Vec<u32>") => self.list(),
            _ => self.number(),
        }
    }

    fn ok(&self) -> &'static str {
        if self.machine == 0 { "Ok" } else { ARM_OK }
    }

    fn whole(&mut self) {
        self.statements(16);
        for _ in 0..3 {
            self.note();
        }
        if self.output == "u32" && self.random.one_in(4) {
            let call = self.call_number();
            self.count("tail await");
            self.line(format!("{call}.await{TAIL}"));
            return;
        }
        let result = self.result();
        self.line(format!("Ok({result})"));
    }
}
