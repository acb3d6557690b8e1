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

/// What the user's arguments are a call of. The function stands first: it is what the name leads to.
pub fn node<F, N: Node>(_function: F, _node: Here<N>) -> N::Bound<'static> {
    not_built()
}

pub fn answer<C, N: Node>(_call: C, _node: Here<N>) -> Answer<N::Output> {
    not_built()
}

/// What awaiting a node gives.
pub struct Answer<T>(PhantomData<fn() -> T>);

impl<T> Future for Answer<T> {
    type Output = Result<T, StepError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        not_built()
    }
}

/// An `async` arm; its errors are ours.
pub fn arm<T, F: Future<Output = Result<T, Error>>>(arm: F) -> F {
    arm
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
