//! What the code that the macros write asks rustc to judge. None of it does anything.
//!
//! A body stands in the expansion twice: once as it was written, for rustc to judge, and once as a machine. A mistake
//! would be reported twice, and a type that cannot be stored at every place where it is named. So each rule is judged
//! once, in a constant, and all else that depends on it goes through a [`Gate`] on that constant. Where rustc refuses the
//! constant it has no value, hence what goes through the gate has no type, and about that rustc says nothing more.
//!
//! The messages stand at the traits, here and in `node.rs`. What they say:
//!
//! Rule `storable`: what a run keeps owns its data, and can be written, read and described.
//!
//! ```text
//! #[derive(Clone)] struct Draft { .. }                                                     ✗
//! #[derive(Clone, Serialize, Deserialize, JsonSchema)] struct Draft { .. }                 ✓
//! ```
//!
//! Rule `resources`: an app that starts a workflow provides what its steps need.
//!
//! ```text
//! struct App { llm: Llm }                            ✗
//! #[derive(Provide)] struct App { llm: Llm }         ✓
//! ```
//!
//! Rule `resume`: an answer has the type that the suspension asks for, and only a suspension is answered.
//!
//! ```text
//! pending.one::<research>()?.resume(true).await?;            ✗ a step never suspends
//! pending.one::<editor_review>()?.resume(decision).await?;   ✓
//! ```

use std::borrow::Borrow;
use std::marker::PhantomData;

use serde::Serialize;

use crate::error::{Error, StepError};
use crate::graph::GraphNode;
use crate::machine::{AnySlot, Layout, PlaceLayout, Slots};
use crate::node::{Data, Node, StepResult};
use crate::snapshot::Frame;
use crate::step::CacheKey;
use crate::workflow::State;

/// Lets a type through if the constant has a value.
#[derive(Debug)]
pub struct Gate<const JUDGED: bool>;

pub trait Pass<T> {
    type Through;
    fn pass(value: T) -> Self::Through;
}

impl<const JUDGED: bool, T> Pass<T> for Gate<JUDGED> {
    type Through = T;

    fn pass(value: T) -> T {
        value
    }
}

/// A type by a way other than its own path: at a type argument rustc reports a path that names no type a second time.
pub trait Named {
    type Itself: ?Sized;
}

impl<T: ?Sized> Named for T {
    type Itself = T;
}

/// Stands for what the macro has refused.
pub fn refused<T>() -> T {
    not_built()
}

/// Judges a body: its future has a type only where rustc accepts it.
pub const fn body<I, B: Fn(I) -> F, F>(_body: &B) -> bool {
    true
}

/// Judges a type that is kept in a run.
pub const fn stored<T: Data>() -> bool {
    true
}

/// Judges the return type of a step.
pub const fn returned<R: StepResult>() -> bool {
    true
}

/// An argument that is passed by value.
#[diagnostic::on_unimplemented(
    message = "an argument passed by value is cloned for each try, and `{Self}` is not `Clone`",
    label = "not `Clone`",
    note = "take a reference, or `#[derive(Clone)]` for the type"
)]
pub trait Again {
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Again for T {
    fn again(&self) -> T {
        self.clone()
    }
}

pub fn again<T: Again>(value: &T) -> T {
    value.again()
}

/// An argument or a resource of a blocking step: a copy of it goes to another thread.
#[diagnostic::on_unimplemented(
    message = "a blocking step takes a copy of each parameter to another thread, and `{Self}` is not `Clone`",
    label = "not `Clone`",
    note = "`#[derive(Clone)]` for the type, or take an `&Arc<{Self}>`"
)]
pub trait Along {
    type Copied: Borrow<Self>;
    fn along(&self) -> Self::Copied;
}

// Written out as in std: a bound on `ToOwned` would be reported in its words.
#[diagnostic::do_not_recommend]
impl<T: Clone> Along for T {
    type Copied = T;
    fn along(&self) -> T {
        self.clone()
    }
}

macro_rules! along {
    ($($name:ty),*) => { $(
        impl Along for $name {
            type Copied = <$name as ToOwned>::Owned;
            fn along(&self) -> Self::Copied {
                self.to_owned()
            }
        }
    )* };
}
along!(str, std::path::Path, std::ffi::OsStr, std::ffi::CStr);

impl<T: Clone> Along for [T] {
    type Copied = Vec<T>;
    fn along(&self) -> Vec<T> {
        self.to_vec()
    }
}

/// Judges a parameter of a blocking step. By its value: at a type argument rustc would advise to borrow.
pub fn copied<T: Along + ?Sized>(_value: &T) {}

pub fn along<T: Along + ?Sized>(value: &T) -> T::Copied {
    value.along()
}

pub fn lent<T: ?Sized, C: Borrow<T>>(copied: &C) -> &T {
    copied.borrow()
}

/// An argument of a cached step.
#[diagnostic::on_unimplemented(
    message = "the result of a cached step is found by its arguments, and `{Self}` is not `Serialize`",
    label = "not `Serialize`",
    note = "`#[derive(serde::Serialize)]` for the type, or leave `cache` out"
)]
pub trait InKey {
    fn add_to(&self, key: &mut CacheKey) -> Result<(), StepError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> InKey for T {
    fn add_to(&self, key: &mut CacheKey) -> Result<(), StepError> {
        key.add(self)
    }
}

/// # Errors
/// When the argument cannot be encoded.
pub fn in_key<T: InKey + ?Sized>(key: &mut CacheKey, argument: &T) -> Result<(), StepError> {
    argument.add_to(key)
}

/// A node as a value, so that generated code never writes its path as a generic argument: rustc reports a path that
/// names no type a second time there.
#[derive(Debug)]
pub struct Here<N>(PhantomData<fn() -> N>);

impl<N> Clone for Here<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Here<N> {}

/// What the body that rustc judges calls.
pub trait Judged: Node {
    const PLACE: PlaceLayout = PlaceLayout::of::<Self>();
    const DRAWN: GraphNode = GraphNode::of::<Self>();

    fn here() -> Here<Self> {
        Here(PhantomData)
    }

    fn unbound() -> Self::Bound<'static> {
        not_built()
    }

    /// Stands for the run of the node.
    fn outcome(_call: Self::Call<'_>) -> Result<Self::Output, StepError> {
        not_built()
    }
}

impl<N: Node> Judged for N {}

/// Stands for the run of an arm: it may run again after a crash, and beside the others, so it only borrows.
pub fn an_arm_only_borrows<T>(_arm: impl Fn() -> T) -> T {
    not_built()
}

/// Where the value of an arm is judged: what it does there, nothing behind it sees.
pub const fn ever() -> bool {
    false
}

/// The value of an arm, behind where it is judged.
#[derive(Debug)]
pub struct Value<T>(PhantomData<T>);

impl<T> Value<T> {
    #[expect(clippy::new_without_default, reason = "generated code alone makes one")]
    pub fn new() -> Self {
        Self(PhantomData)
    }

    pub fn is(&self, _value: T) {}

    pub fn get(self) -> T {
        not_built()
    }
}

/// The value of an arm of `try_join!`: its error is that of the join.
pub fn unwrapped<T, E>(_result: Result<T, E>) -> T {
    not_built()
}

/// What an arm of `select!` gives, if it was the first.
pub fn maybe<T>(value: T) -> Option<T> {
    Some(value)
}

/// An item of a `join_all!`.
pub fn item<I: IntoIterator>(_items: &I) -> I::Item {
    not_built()
}

/// What the arms of a `join_all!` give.
pub fn list<T>(value: T) -> Vec<T> {
    vec![value]
}

/// What `try_join!` gives.
///
/// # Errors
/// The first error of an arm.
pub fn joined<T>(values: T) -> Result<T, Error> {
    Ok(values)
}

pub fn converted<T>(result: Result<T, StepError>) -> Result<T, Error> {
    Ok(result?)
}

/// # Panics
/// Always.
pub fn not_built() -> ! {
    panic!(
        "a workflow is not called: await it in another workflow, or run it with `Name::run(&app, input)` or `runtime.start::<Name>(input)`"
    )
}

/// What stands for the variables and the places of a workflow that has no machine.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Unbuilt;

impl State for Unbuilt {
    fn from_frame(_: &Frame) -> Result<Self, Error> {
        not_built()
    }

    fn to_frame(&self) -> Result<Frame, Error> {
        not_built()
    }
}

impl Slots for Unbuilt {
    const LAYOUT: &'static Layout = &Layout { vars: &[], places: &[], single: false };

    fn slot(&mut self, _: u16) -> &mut dyn AnySlot {
        not_built()
    }
}
