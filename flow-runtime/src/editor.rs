//! What rust-analyzer reads in place of a machine: calls that lead to the user's functions, and give what a node gives.
//! None of it runs.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::{Error, StepError};
use crate::node::Node;
use crate::rules::{Here, not_built};

pub fn here<N: Node>() -> Here<N> {
    not_built()
}

/// What stands behind the user's words, so that they are found where they are looked for: after nothing but what was there
/// before. Hidden, and so not offered after each dot.
pub trait Followed: Sized {
    /// Behind the name of a node: what the user's arguments are a call of.
    #[doc(hidden)]
    fn __node<N: Node>(self, _: Here<N>) -> N::Bound<'static> {
        not_built()
    }

    /// Behind the arguments.
    #[doc(hidden)]
    fn __answer<N: Node>(self, _: Here<N>) -> Answer<N::Output> {
        not_built()
    }

    /// Behind an `async` arm; its errors are ours.
    #[doc(hidden)]
    fn __arm<T>(self) -> Self
    where
        Self: Future<Output = Result<T, Error>>,
    {
        self
    }
}

impl<T> Followed for T {}

/// What awaiting a node gives.
pub struct Answer<T>(PhantomData<fn() -> T>);

impl<T> Future for Answer<T> {
    type Output = Result<T, StepError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        not_built()
    }
}

pub trait Arm: Future<Output = Result<Self::Value, Self::Error>> {
    type Value;
    type Error;
}

impl<F, T, E> Arm for F
where
    F: Future<Output = Result<T, E>>,
{
    type Value = T;
    type Error = E;
}

/// The arms of a join.
pub trait Arms {
    type Outputs;
    type Values;
}

macro_rules! arms {
    ($($arm:ident)*) => {
        impl<$($arm: Arm),*> Arms for ($($arm,)*) {
            type Outputs = ($(<$arm as Future>::Output,)*);
            type Values = ($($arm::Value,)*);
        }
    };
}

arms!(A);
arms!(A B);
arms!(A B C);
arms!(A B C D);
arms!(A B C D E);
arms!(A B C D E F);
arms!(A B C D E F G);
arms!(A B C D E F G H);

pub fn join<A: Arms>(_arms: A) -> A::Outputs {
    not_built()
}

/// # Errors
/// That of an arm.
pub fn try_join<A: Arms>(_arms: A) -> Result<A::Values, Error> {
    not_built()
}

pub fn join_all<I: IntoIterator, A: Arm, L>(_items: I, _arm: impl Fn(I::Item) -> A, _limit: L) -> Vec<A::Output> {
    not_built()
}

/// # Errors
/// That of an arm.
pub fn try_join_all<I: IntoIterator, A: Arm, L>(
    _items: I,
    _arm: impl Fn(I::Item) -> A,
    _limit: L,
) -> Result<Vec<A::Value>, Error> {
    not_built()
}
