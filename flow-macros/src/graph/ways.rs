//! The ways between places, for the drawing: blocks that are only merges are passed through.

use std::collections::BTreeMap;

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Ident};

use super::{Arm, BlockId, Branch, Entry, Exit, Graph, Item, Jump, MachineId, PlaceKind, Plain, Tree};
use crate::syntax::Mode;

/// A point of the drawing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Point {
    Start,
    Done,
    Place(MachineId, usize),
    Branch(MachineId, usize),
    /// A merge; passed through in the end.
    Block(MachineId, BlockId),
}

/// A branch, as it is drawn.
pub(crate) struct Decision {
    pub(crate) machine: MachineId,
    pub(crate) id: usize,
    /// The condition as written.
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// The drawing of a workflow.
#[derive(Default)]
pub(crate) struct Ways {
    /// The branches with their conditions, in the order of the source.
    pub(crate) branches: Vec<Decision>,
    pub(crate) edges: Vec<(Point, Point, String)>,
}

pub(crate) fn ways(graph: &Graph) -> Ways {
    let mut walk = Walk { graph, ways: Ways::default(), machine: 0 };
    for machine in 0..graph.machines.len() {
        walk.machine = machine;
        for block in &graph.machines[machine].order {
            let from = match graph.machines[machine].blocks[*block].entry {
                Entry::Start if machine == 0 => Some(Point::Start),
                Entry::Start => None,
                Entry::Place(place) => Some(Point::Place(machine, place)),
                Entry::Merge(_) => Some(Point::Block(machine, *block)),
            };
            let from = from.map(|point| (point, String::new()));
            walk.tree(&graph.machines[machine].blocks[*block].body, from.into_iter().collect());
        }
    }
    walk.ways.pass_through();
    walk.ways
}

struct Walk<'g> {
    graph: &'g Graph,
    ways: Ways,
    machine: MachineId,
}

type Froms = Vec<(Point, String)>;

impl Walk<'_> {
    fn tree(&mut self, tree: &Tree, mut froms: Froms) -> Froms {
        for item in tree {
            match item {
                Item::Plain(plain) => self.plain(plain, &froms),
                Item::Exit(Exit::Fall(_)) => return froms,
                Item::Exit(exit) => {
                    self.exit(exit, froms);
                    return Froms::new();
                }
                Item::Branch { branch, id, .. } => froms = self.branch(branch, *id, froms),
            }
        }
        froms
    }

    fn plain(&mut self, plain: &Plain, froms: &Froms) {
        let labelled = |word: &str| -> Froms {
            froms.iter().map(|(from, label)| (*from, if label.is_empty() { word.to_owned() } else { label.clone() })).collect()
        };
        for jump in &plain.jumps {
            let Jump { to, word, .. } = &self.graph.jumps[*jump];
            self.to(labelled(word), Point::Block(self.machine, *to));
        }
        if plain.returns && self.machine == 0 {
            self.to(labelled("return"), Point::Done);
        }
    }

    fn exit(&mut self, exit: &Exit, froms: Froms) {
        let to = match exit {
            Exit::Place(place) => Point::Place(self.machine, *place),
            Exit::Goto(block, _) => Point::Block(self.machine, *block),
            Exit::Done(_) if self.machine == 0 => Point::Done,
            Exit::Done(_) | Exit::Fall(_) => return,
        };
        self.to(froms, to);
    }

    fn to(&mut self, froms: Froms, to: Point) {
        self.ways.edges.extend(froms.into_iter().map(|(from, label)| (from, to, label)));
    }

    fn branch(&mut self, branch: &Branch, id: usize, froms: Froms) -> Froms {
        if let Branch::Match { value, arms, .. } = branch
            && let Some(names) = self.select(value)
        {
            return self.handlers(arms, &names, &froms);
        }
        let at = Point::Branch(self.machine, id);
        self.to(froms, at);
        let (text, span) = match branch {
            Branch::If { shown: Some(shown), .. } => shown.clone(),
            Branch::If { cond, .. } => (self.shown(cond), cond.span()),
            Branch::Match { value, .. } => (self.shown(value), value.span()),
            Branch::LetElse { pat, value, .. } => (format!("let {} = {}", pretty(pat), self.shown(value)), pat.span()),
        };
        self.ways.branches.push(Decision { machine: self.machine, id, text, span });
        let labelled = |label: &str| vec![(at, label.to_owned())];
        match branch {
            Branch::If { then, otherwise, .. } => {
                let mut falls = self.tree(then, labelled("yes"));
                falls.extend(self.tree(otherwise, labelled("no")));
                falls
            }
            Branch::Match { arms, .. } => {
                let mut falls = Froms::new();
                for arm in arms {
                    let guard = arm.guard.as_ref().map(|guard| format!(" if {}", pretty(guard))).unwrap_or_default();
                    falls.extend(self.tree(&arm.body, labelled(&format!("{}{guard}", pretty(&arm.pat)))));
                }
                falls
            }
            Branch::LetElse { otherwise, .. } => {
                self.tree(otherwise, labelled("no"));
                labelled("yes")
            }
        }
    }
}

impl Walk<'_> {
    /// The arms of the `select!` that a value comes from.
    fn select(&self, value: &Expr) -> Option<Vec<String>> {
        let name = temp(value)?;
        let machine = &self.graph.machines[self.machine];
        let place = machine.places.iter().find(|place| self.graph.vars[place.value].name == *name)?;
        let PlaceKind::Join { mode: Mode::First, arms } = &place.kind else { return None };
        Some(arms.iter().map(|arm| self.graph.machines[*arm].name.clone()).collect())
    }

    /// What follows a `select!`: the place itself decides, so its ways bear the names of its arms.
    fn handlers(&mut self, arms: &[Arm], names: &[String], froms: &Froms) -> Froms {
        let mut falls = Froms::new();
        for (arm, name) in arms.iter().zip(names) {
            let froms = froms.iter().map(|(from, _)| (*from, name.clone())).collect();
            falls.extend(self.tree(&arm.body, froms));
        }
        falls
    }

    /// An expression as it was written: what a place gave is named after the place.
    fn shown(&self, expr: &Expr) -> String {
        struct Named<'g>(&'g Graph, MachineId);
        impl VisitMut for Named<'_> {
            fn visit_expr_mut(&mut self, expr: &mut Expr) {
                let places = &self.0.machines[self.1].places;
                let place = temp(expr).and_then(|name| places.iter().find(|place| self.0.vars[place.value].name == *name));
                match place {
                    Some(place) => *expr = super::lower::path_expr(&Ident::new(&place.name, place.span)),
                    None => visit_mut::visit_expr_mut(self, expr),
                }
            }
        }
        let mut expr = expr.clone();
        Named(self.graph, self.machine).visit_expr_mut(&mut expr);
        pretty(&expr)
    }
}

/// The name of a hidden value.
fn temp(expr: &Expr) -> Option<&Ident> {
    let Expr::Path(path) = expr else { return None };
    path.path.get_ident().filter(|name| name.to_string().starts_with("__flow_"))
}

impl Ways {
    /// Joins what leads to a merge with what leads from it.
    fn pass_through(&mut self) {
        let mut outs: BTreeMap<Point, Vec<(Point, String)>> = BTreeMap::new();
        for (from, to, label) in &self.edges {
            outs.entry(*from).or_default().push((*to, label.clone()));
        }
        let mut edges = Vec::new();
        for (from, to, label) in self.edges.iter().filter(|(from, ..)| !matches!(from, Point::Block(..))) {
            let mut seen = Vec::new();
            let mut todo = vec![(*to, label.clone())];
            while let Some((to, label)) = todo.pop() {
                if !matches!(to, Point::Block(..)) {
                    edges.push((*from, to, label));
                } else if !seen.contains(&to) {
                    seen.push(to);
                    let next = outs.get(&to).cloned().unwrap_or_default();
                    todo.extend(
                        next.into_iter().rev().map(|(next, more)| (next, if label.is_empty() { more } else { label.clone() })),
                    );
                }
            }
        }
        edges.dedup();
        self.edges = edges;
    }
}

/// Tokens as a person would write them.
pub(crate) fn pretty(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string().replace('\n', " ");
    for (spaced, tight) in [
        (" . ", "."),
        (" :: ", "::"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" ,", ","),
        ("& ", "&"),
        ("! ", "!"),
        (" ?", "?"),
        ("!= ", " != "),
        (" !(", "!("),
    ] {
        text = text.replace(spaced, tight);
    }
    text.replace("  ", " ").replace("&&", " && ").replace("  ", " ")
}
