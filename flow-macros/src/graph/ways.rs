//! The ways between places, for the drawing: blocks that are only merges are passed through.

use std::collections::BTreeMap;

use quote::ToTokens;

use super::{BlockId, Branch, Entry, Exit, Graph, Item, MachineId, Plain, Tree};

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

/// The drawing of a workflow.
#[derive(Default)]
pub(crate) struct Ways {
    /// The branches with their conditions, in the order of the source.
    pub(crate) branches: Vec<(MachineId, usize, String)>,
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
        for jump in &plain.jumps {
            let to = Point::Block(self.machine, self.graph.jumps[*jump].to);
            self.to(froms.clone(), to);
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
        let at = Point::Branch(self.machine, id);
        self.to(froms, at);
        let text = match branch {
            Branch::If { shown: Some(shown), .. } => shown.clone(),
            Branch::If { cond, .. } => pretty(cond),
            Branch::Match { value, .. } => pretty(value),
            Branch::LetElse { pat, value, .. } => format!("let {} = {}", pretty(pat), pretty(value)),
        };
        self.ways.branches.push((self.machine, id, text));
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
