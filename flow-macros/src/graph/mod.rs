//! A workflow as machines of basic blocks. After `lower` no name is unresolved.
//!
//! A machine is the workflow itself or an arm of a join. A block begins at a place (its node has just finished), at a
//! merge after a branch, or at the head of a loop, and is a tree: statements, branches, and at every end an exit.

mod bind;
mod branch;
mod endless;
mod expr;
mod for_loop;
mod join;
mod jumps;
mod liveness;
mod lower;
mod many;
mod names;
mod rules;
mod ways;

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use syn::{Expr, ExprPath, Ident, LitStr, Pat, Stmt, Type};

pub(crate) use lower::lower;
pub(crate) use ways::{Decision, Point, Ways, ways};

use crate::syntax::{Label, Mode};

pub(crate) type VarId = usize;
pub(crate) type BlockId = usize;
pub(crate) type PlaceId = usize;
pub(crate) type MachineId = usize;
pub(crate) type Vars = BTreeSet<VarId>;

/// A whole workflow.
#[derive(Default)]
pub(crate) struct Graph {
    pub(crate) vars: Vec<Var>,
    /// The workflow's own machine first.
    pub(crate) machines: Vec<Machine>,
    pub(crate) jumps: Vec<Jump>,
    /// The names that are read and are no variables.
    pub(crate) unknown: BTreeSet<String>,
}

/// A variable, whatever others have its name.
#[derive(Clone)]
pub(crate) struct Var {
    pub(crate) name: Ident,
    pub(crate) mutable: bool,
    pub(crate) ty: VarType,
    pub(crate) origin: Origin,
    pub(crate) machine: MachineId,
}

/// What is known of a variable's type.
#[derive(Clone)]
pub(crate) enum VarType {
    Written(Box<Type>),
    /// The output of the node.
    Output(Box<ExprPath>),
    /// The node's output or its error.
    Result(Box<ExprPath>),
    Tuple(Vec<Self>),
    List(Box<Self>),
    /// A reference that cannot be made again; whether it is a `&mut`.
    Reference {
        exclusive: bool,
    },
    /// That of an expression that was refused.
    Refused,
    Unknown,
}

/// Where a variable comes from.
#[derive(Clone)]
pub(crate) enum Origin {
    Let,
    Pattern,
    /// A hidden value between two blocks.
    Temp,
    /// How often a loop has turned, stored by this name.
    Turn(String),
    /// A reference that is made again by this statement instead of being stored.
    Rebuilt {
        stmt: TokenStream,
        bases: Vec<VarId>,
        siblings: Vec<VarId>,
    },
}

/// The workflow's own machine, or an arm's.
pub(crate) struct Machine {
    /// The arm's name; empty for the workflow's own.
    pub(crate) name: String,
    /// The join it is an arm of.
    pub(crate) parent: Option<(MachineId, PlaceId)>,
    /// An arm that is one node call.
    pub(crate) single: bool,
    /// An arm whose error is a value, as in `join!`.
    pub(crate) keeps_error: bool,
    /// An arm of `join_all!`: what its item is called.
    pub(crate) item: Option<Pat>,
    pub(crate) blocks: Vec<Block>,
    /// The blocks in the order of the source.
    pub(crate) order: Vec<BlockId>,
    pub(crate) places: Vec<Place>,
    pub(crate) items: Vec<syn::Item>,
}

/// A block.
#[derive(Default)]
pub(crate) struct Block {
    pub(crate) entry: Entry,
    pub(crate) body: Tree,
    /// The blocks it can be reached from.
    pub(crate) preds: Vec<BlockId>,
    /// The variables alive at its beginning.
    pub(crate) live: Vars,
}

/// How a block is entered.
#[derive(Clone, Copy, Default)]
pub(crate) enum Entry {
    #[default]
    Start,
    Place(PlaceId),
    /// With the value of the branch or loop that ends here.
    Merge(Option<VarId>),
}

/// The name of a place, those it had before, and where to point.
pub(crate) struct Called {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) was: Vec<LitStr>,
}

impl Called {
    fn of(label: Option<Label>, otherwise: impl FnOnce() -> String, span: Span) -> Self {
        match label {
            Some(Label { name, was }) => Self { name: name.to_string(), span: name.span(), was },
            None => Self { name: otherwise(), span, was: Vec::new() },
        }
    }
}

/// A place where a run may stop.
pub(crate) struct Place {
    pub(crate) name: String,
    /// The names it had before.
    pub(crate) was: Vec<LitStr>,
    pub(crate) span: Span,
    pub(crate) kind: PlaceKind,
    pub(crate) question: bool,
    /// What the node gave.
    pub(crate) value: VarId,
    pub(crate) block: BlockId,
    /// What the arguments, or the arms, read.
    pub(crate) uses: Vars,
    /// What is alive behind the node.
    pub(crate) live: Vars,
}

pub(crate) enum PlaceKind {
    Node {
        path: ExprPath,
        args: Vec<Expr>,
    },
    Join {
        mode: Mode,
        arms: Vec<MachineId>,
    },
    /// One arm for each item.
    Many {
        fails_fast: bool,
        arm: MachineId,
        items: Box<Expr>,
        limit: Option<Box<Expr>>,
        shown: String,
    },
}

pub(crate) type Tree = Vec<Item>;

/// A piece of a block.
pub(crate) enum Item {
    /// A statement without a place.
    Plain(Plain),
    /// A branch; where it has a value, the variable gets what its arms fall through with.
    Branch {
        value: Option<VarId>,
        branch: Branch,
        id: usize,
    },
    Exit(Exit),
}

pub(crate) struct Plain {
    pub(crate) stmt: Stmt,
    pub(crate) uses: Vars,
    pub(crate) defs: Vec<VarId>,
    /// The variable it assigns as a whole.
    pub(crate) kills: Option<VarId>,
    /// The jumps out of it, to blocks.
    pub(crate) jumps: Vec<usize>,
    /// Whether it can end the machine.
    pub(crate) returns: bool,
}

pub(crate) enum Branch {
    If { cond: Expr, shown: Option<(String, Span)>, uses: Vars, defs: Vec<VarId>, then: Tree, otherwise: Tree },
    Match { value: Expr, uses: Vars, arms: Vec<Arm> },
    LetElse { pat: Pat, value: Expr, uses: Vars, defs: Vec<VarId>, otherwise: Tree },
}

pub(crate) struct Arm {
    pub(crate) pat: Pat,
    pub(crate) guard: Option<Expr>,
    pub(crate) uses: Vars,
    pub(crate) defs: Vec<VarId>,
    pub(crate) body: Tree,
}

pub(crate) enum Exit {
    Place(PlaceId),
    Goto(BlockId, Option<Carried>),
    /// Out of the branch, with its value.
    Fall(Carried),
    Done(Carried),
}

/// A value on its way.
pub(crate) struct Carried {
    pub(crate) into: Option<VarId>,
    pub(crate) expr: Expr,
    pub(crate) uses: Vars,
}

/// A `break` or `continue` inside of a plain statement, to a loop that is made of blocks.
#[derive(Clone)]
pub(crate) struct Jump {
    pub(crate) to: BlockId,
    pub(crate) value: Option<(Option<VarId>, Expr)>,
    /// The names that the statement itself binds around the jump.
    pub(crate) hidden: Vec<Ident>,
    /// `break` or `continue`.
    pub(crate) word: &'static str,
}

impl Graph {
    /// The variables themselves and everything that references among them are made from.
    pub(crate) fn with_bases(&self, vars: &Vars) -> Vars {
        let mut all = vars.clone();
        for var in vars {
            if let Origin::Rebuilt { bases, .. } = &self.vars[*var].origin {
                all.extend(self.with_bases(&bases.iter().copied().collect()));
            }
        }
        all
    }

    /// Whether a machine is an arm that another may win over, or inside of one.
    pub(crate) fn may_lose(&self, machine: MachineId) -> bool {
        self.machines[machine].parent.is_some_and(|(parent, place)| {
            let raced = matches!(self.machines[parent].places[place].kind, PlaceKind::Join { mode: Mode::First, .. });
            raced || self.may_lose(parent)
        })
    }

    pub(crate) fn is_rebuilt(&self, var: VarId) -> bool {
        matches!(self.vars[var].origin, Origin::Rebuilt { .. })
    }
}
