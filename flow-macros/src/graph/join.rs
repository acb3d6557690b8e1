//! `join!`, `try_join!` and `select!`: each arm is a machine of its own that borrows what it reads from around it.

use proc_macro2::Span;
use syn::{Ident, Stmt};

use super::expr::first_await;
use super::lower::{Lower, Then};
use super::names::Env;
use super::{Branch, Called, Exit, Item, Machine, MachineId, PlaceId, PlaceKind, Tree, VarType, Vars};
use crate::diagnostic::snake;
use crate::syntax::{Awaited, JoinArm, Label, Mode, PlaceExpr};

impl Lower<'_> {
    #[expect(clippy::too_many_arguments, reason = "the parts of one expression, taken apart once")]
    pub(super) fn join(
        &mut self,
        label: Option<Label>,
        span: Span,
        mode: Mode,
        arms: Vec<JoinArm>,
        question: bool,
        env: Env,
        then: Then<'_>,
    ) -> Tree {
        let place = self.machine().places.len();
        let (mut machines, mut types, fails_fast) = (Vec::new(), Vec::new(), mode == Mode::Try);
        for arm in arms {
            let Some((name, ty, arm)) = self.arm(arm, fails_fast) else { continue };
            machines.push(self.arm_machine(&name, place, &arm, !fails_fast));
            types.push(ty);
            self.within(self.graph.machines.len() - 1, env.clone(), arm);
            self.check_arm_name(&machines, &name);
        }
        let names: Vec<_> = machines.iter().map(|machine| self.graph.machines[*machine].name.clone()).collect();
        let called = Called::of(label, || names.join("_"), span);
        let uses = machines.iter().flat_map(|machine| self.graph.captures(*machine)).collect();
        let ty = if fails_fast != question { VarType::Unknown } else { VarType::Tuple(types) };
        let kind = PlaceKind::Join { mode, arms: machines };
        self.enter(called, kind, question, uses, ty, env, then)
    }

    /// The machine of an arm of a place, still empty.
    pub(super) fn arm_machine(&mut self, name: &Ident, place: PlaceId, arm: &Lowered, keeps_error: bool) -> MachineId {
        let single = matches!(arm, Lowered::Node(_));
        self.graph.machines.push(Machine::new(name.to_string(), Some((self.machine, place)), single, keeps_error));
        self.graph.machines.len() - 1
    }

    pub(super) fn arm(&mut self, arm: JoinArm, fails_fast: bool) -> Option<(Ident, VarType, Lowered)> {
        match arm {
            JoinArm::Node(node) => {
                let Awaited::Node { path, .. } = &node.awaited else { return None };
                let called = &path.path.segments.last()?.ident;
                let name = node
                    .label
                    .as_ref()
                    .map(|label| label.name.clone())
                    .unwrap_or_else(|| Ident::new(&snake(&called.to_string()), node.span));
                let path = Box::new(path.clone());
                let ty = if fails_fast { VarType::Output(path) } else { VarType::Result(path) };
                Some((name, ty, Lowered::Node(node)))
            }
            JoinArm::Block { label: Some(label), block, .. } => Some((label.name, VarType::Unknown, Lowered::Block(block.stmts))),
            JoinArm::Block { label: None, span, .. } => {
                self.errors.beside(span, "name this arm, its place is stored: `#[at(name)] async { .. }`");
                None
            }
            JoinArm::Other(span) => {
                self.errors.beside(
                    span,
                    "an arm is the call of a `#[step]`, a `#[suspend]` point or a workflow, or `#[at(name)] async { .. }` with several",
                );
                None
            }
            JoinArm::Awaited(span) => {
                self.errors.beside(span, "leave this `.await` out: an arm is awaited by the macro around it");
                None
            }
        }
    }

    /// Lowers an arm into its machine.
    pub(super) fn within(&mut self, machine: MachineId, mut env: Env, arm: Lowered) {
        env.loops.clear();
        let outside = (std::mem::replace(&mut self.machine, machine), std::mem::replace(&mut self.block, 0));
        match arm {
            Lowered::Block(stmts) => self.machine_body(&stmts, env),
            Lowered::Node(mut node) => {
                let Awaited::Node { path, args, .. } = node.awaited else { return };
                if let Some(inner) = args.iter().find_map(first_await) {
                    self.errors
                        .at(inner, "an `.await` in an arm's arguments belongs into an `async` arm: `#[at(name)] async { .. }`");
                }
                node.label = None;
                let call: syn::Expr = syn::parse_quote!(#path(#args).await);
                self.machine_body(&[Stmt::Expr(call, None)], env);
            }
        }
        (self.machine, self.block) = outside;
    }

    fn check_arm_name(&mut self, machines: &[MachineId], name: &Ident) {
        let Some((_, before)) = machines.split_last() else { return };
        if before.iter().any(|machine| name == &self.graph.machines[*machine].name) {
            let message = format!("two arms are called `{name}`; label one: `#[at(other)] {name}(..)`");
            self.errors.at(name.span(), message);
        }
    }
}

pub(super) enum Lowered {
    Node(Box<PlaceExpr>),
    Block(Vec<Stmt>),
}

impl super::Graph {
    /// What an arm reads of the machines around it.
    pub(crate) fn captures(&self, machine: MachineId) -> Vars {
        let mut read = Vars::new();
        for block in &self.machines[machine].blocks {
            tree_uses(&block.body, &mut read);
        }
        self.machines[machine].places.iter().for_each(|place| read.extend(&place.uses));
        let all = self.with_bases(&read);
        all.into_iter()
            .filter(|var| self.vars[*var].machine < machine && !self.is_inside(self.vars[*var].machine, machine))
            .collect()
    }

    /// Whether a machine is an arm somewhere inside of another.
    fn is_inside(&self, machine: MachineId, outer: MachineId) -> bool {
        self.machines[machine].parent.is_some_and(|(parent, _)| parent == outer || self.is_inside(parent, outer))
    }
}

fn tree_uses(tree: &Tree, read: &mut Vars) {
    let mut kills = Vars::new();
    collect(tree, read, &mut kills);
}

impl super::Graph {
    /// What the code of a branch reads, and what it assigns as a whole.
    pub(crate) fn branch_uses(&self, branch: &Branch) -> (Vars, Vars) {
        let (mut read, mut kills) = (Vars::new(), Vars::new());
        collect_branch(branch, &mut read, &mut kills);
        (self.with_bases(&read), kills)
    }

    /// Whether an arm of a branch falls through to what follows it.
    pub(crate) fn falls(&self, branch: &Branch) -> bool {
        let tree = |tree: &Tree| {
            tree.last().is_some_and(|last| match last {
                Item::Exit(exit) => matches!(exit, Exit::Fall(_)),
                Item::Branch { branch, .. } => self.falls(branch),
                Item::Plain(_) => false,
            })
        };
        match branch {
            Branch::If { then, otherwise, .. } => tree(then) || tree(otherwise),
            Branch::Match { arms, .. } => arms.iter().any(|arm| tree(&arm.body)),
            Branch::LetElse { .. } => true,
        }
    }
}

fn collect(tree: &Tree, read: &mut Vars, kills: &mut Vars) {
    for item in tree {
        match item {
            Item::Plain(plain) => {
                read.extend(&plain.uses);
                kills.extend(plain.kills);
            }
            Item::Branch { branch, .. } => collect_branch(branch, read, kills),
            Item::Exit(Exit::Goto(_, Some(carried)) | Exit::Fall(carried) | Exit::Done(carried)) => read.extend(&carried.uses),
            Item::Exit(_) => {}
        }
    }
}

fn collect_branch(branch: &Branch, read: &mut Vars, kills: &mut Vars) {
    match branch {
        Branch::If { uses, then, otherwise, .. } => {
            read.extend(uses);
            collect(then, read, kills);
            collect(otherwise, read, kills);
        }
        Branch::Match { uses, arms, .. } => {
            read.extend(uses);
            for arm in arms {
                read.extend(&arm.uses);
                collect(&arm.body, read, kills);
            }
        }
        Branch::LetElse { uses, otherwise, .. } => {
            read.extend(uses);
            collect(otherwise, read, kills);
        }
    }
}
