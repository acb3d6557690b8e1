//! What the code that the macros write asks rustc to judge. None of it does anything.
//!
//! A body stands in the expansion twice: once as it was written, for rustc to judge, and once as a machine. A mistake
//! would be reported twice, and a type that cannot be stored at every place where it is named. So each rule is judged
//! once, in a constant, and all else that depends on it goes through a [`Gate`] on that constant. Where rustc refuses the
//! constant it has no value, hence what goes through the gate has no type, and about that rustc says nothing more.

use std::future::Future;
use std::marker::PhantomData;

use crate::error::{Error, StepError};
use crate::node::{Data, Node, StepResult};

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
    fn here() -> Here<Self> {
        Here(PhantomData)
    }

    fn unbound() -> Self::Bound<'static> {
        not_built()
    }

    /// Stands for the run of the node.
    fn judged(_call: Self::Call<'_>) -> impl Future<Output = Result<Self::Output, StepError>> {
        async { not_built() }
    }
}

impl<N: Node> Judged for N {}

/// Stands for the run of an arm.
///
/// # Errors
/// What the arm fails with.
pub async fn arm<T, F: AsyncFn() -> Result<T, Error>>(arm: F) -> Result<T, Error> {
    arm().await
}

pub fn converted<T>(result: Result<T, StepError>) -> Result<T, Error> {
    Ok(result?)
}

/// # Panics
/// Always.
pub fn not_built() -> ! {
    panic!("a workflow is not called: await it in another workflow, or run it with `Name::run(&app, input)` or `runtime.start::<Name>(input)`")
}
