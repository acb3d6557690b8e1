//! The items of a loop or of a `join_all!`: what a run that goes on finds again by its number.
//!
//! A hash map gives its items in another order once it was read back, so only what has an order of its own can be looped
//! over. Nothing here is called but by generated code.

use std::collections::{BTreeMap, BTreeSet, VecDeque, btree_map, btree_set, vec_deque};
use std::ops::{Range, RangeInclusive};

use crate::log::Log;

/// Something that always gives the same items in the same order.
#[diagnostic::on_unimplemented(
    message = "the items of `{Self}` have no order that a run can go on in",
    label = "may come in another order when the run is read back",
    note = "loop over a list, a `BTreeMap` or a range: `for item in &items`, or `.iter()` with `.enumerate()`, `.rev()`, `.skip(n)`"
)]
pub trait InOrder {}

macro_rules! in_order {
    ($([$($generic:tt),*] $ty:ty,)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generic),*> InOrder for $ty {}
    )* };
}

in_order! {
    [T] &[T], [T] &Vec<T>, [T] &VecDeque<T>, [K, V] &BTreeMap<K, V>, [T] &BTreeSet<T>, [T] &Option<T>, [T] &Box<[T]>,
    [T] &Log<T>, [T] Log<T>,
    [T] Vec<T>, [T] VecDeque<T>, [K, V] BTreeMap<K, V>, [T] BTreeSet<T>, [T] Option<T>,
    [T] Range<T>, [T] RangeInclusive<T>,
    ['a, T] std::slice::Iter<'a, T>, ['a, T] std::slice::Windows<'a, T>, ['a, T] std::slice::Chunks<'a, T>,
    ['a, T] std::option::Iter<'a, T>, ['a, T] vec_deque::Iter<'a, T>, ['a, T] btree_set::Iter<'a, T>,
    ['a, K, V] btree_map::Iter<'a, K, V>, ['a, K, V] btree_map::Keys<'a, K, V>, ['a, K, V] btree_map::Values<'a, K, V>,
    [] std::str::Chars<'_>, [] std::str::CharIndices<'_>, [] std::str::Bytes<'_>, [] std::str::Lines<'_>,
    [] std::str::SplitWhitespace<'_>,
}

macro_rules! in_order_if {
    ($($adapter:ident),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<I: InOrder> InOrder for std::iter::$adapter<I> {}
    )* };
}

in_order_if! { Enumerate, Rev, Skip, Take, StepBy, Copied, Cloned }

#[diagnostic::do_not_recommend]
impl<A: InOrder, B: InOrder> InOrder for std::iter::Zip<A, B> {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> InOrder for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> InOrder for &[T; N] {}

/// An item that is cloned out of a list which stays in the run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is cloned out of the list, which stays in the run, and it is not `Clone`",
    label = "its items are not `Clone`",
    note = "loop over a reference to the list, `for item in &items`, or `#[derive(Clone)]` for the type"
)]
pub trait Item {
    /// Another one.
    fn item(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Item for T {
    fn item(&self) -> T {
        self.clone()
    }
}

/// A list that is named by value: its items are cloned out of it, one a turn.
#[diagnostic::on_unimplemented(
    message = "the items of `{Self}` have no order that a run can go on in",
    label = "may come in another order when the run is read back",
    note = "loop over a list, a `BTreeMap` or a range: `for item in &items`, or `.iter()` with `.enumerate()`, `.rev()`, `.skip(n)`"
)]
pub trait Taken: IntoIterator {
    /// Its items again.
    fn again(&self) -> impl Iterator<Item = Self::Item>;
    /// One of them, without a clone of those before it.
    fn nth(&self, index: usize) -> Option<Self::Item>;
}

impl<T: Item> Taken for Vec<T> {
    fn again(&self) -> impl Iterator<Item = T> {
        self.iter().map(Item::item)
    }
    fn nth(&self, index: usize) -> Option<T> {
        self.get(index).map(Item::item)
    }
}

impl<T: Item> Taken for Log<T> {
    fn again(&self) -> impl Iterator<Item = T> {
        self.iter().map(Item::item)
    }
    fn nth(&self, index: usize) -> Option<T> {
        self.get(index).map(Item::item)
    }
}

impl<T: Item> Taken for VecDeque<T> {
    fn again(&self) -> impl Iterator<Item = T> {
        self.iter().map(Item::item)
    }
    fn nth(&self, index: usize) -> Option<T> {
        self.get(index).map(Item::item)
    }
}

impl<T: Item> Taken for BTreeSet<T> {
    fn again(&self) -> impl Iterator<Item = T> {
        self.iter().map(Item::item)
    }
    fn nth(&self, index: usize) -> Option<T> {
        self.iter().nth(index).map(Item::item)
    }
}

impl<T: Item> Taken for Option<T> {
    fn again(&self) -> impl Iterator<Item = T> {
        self.iter().map(Item::item)
    }
    fn nth(&self, index: usize) -> Self {
        self.iter().nth(index).map(Item::item)
    }
}

impl<T: Item, const N: usize> Taken for [T; N] {
    fn again(&self) -> impl Iterator<Item = T> {
        self.iter().map(Item::item)
    }
    fn nth(&self, index: usize) -> Option<T> {
        self.get(index).map(Item::item)
    }
}

impl<K: Item, V: Item> Taken for BTreeMap<K, V> {
    fn again(&self) -> impl Iterator<Item = (K, V)> {
        self.iter().map(|(key, value)| (key.item(), value.item()))
    }
    fn nth(&self, index: usize) -> Option<(K, V)> {
        self.iter().nth(index).map(|(key, value)| (key.item(), value.item()))
    }
}

impl<T: Clone> Taken for Range<T>
where
    Self: Iterator<Item = T>,
{
    fn again(&self) -> impl Iterator<Item = T> {
        self.clone()
    }
    fn nth(&self, index: usize) -> Option<T> {
        Iterator::nth(&mut self.clone(), index)
    }
}

impl<T: Clone> Taken for RangeInclusive<T>
where
    Self: Iterator<Item = T>,
{
    fn again(&self) -> impl Iterator<Item = T> {
        self.clone()
    }
    fn nth(&self, index: usize) -> Option<T> {
        Iterator::nth(&mut self.clone(), index)
    }
}

impl<'a, C: ?Sized> Taken for &'a C
where
    &'a C: IntoIterator + InOrder,
{
    fn again(&self) -> impl Iterator<Item = Self::Item> {
        (*self).into_iter()
    }
    fn nth(&self, index: usize) -> Option<Self::Item> {
        (*self).into_iter().nth(index)
    }
}

/// Judges what is looped over; the loop is over the value itself.
pub fn in_order<I: InOrder + IntoIterator>(items: I) -> I {
    items
}

/// The same, for a list that is named by value.
pub fn taken<I: Taken>(items: I) -> I {
    items
}

/// The item of the `turn`th turn, counted from 1 on.
pub fn of<I: IntoIterator>(items: I, turn: usize) -> Option<I::Item> {
    items.into_iter().nth(turn - 1)
}

/// The same, out of a list that is named by value.
pub fn of_taken<I: Taken>(items: &I, turn: usize) -> Option<I::Item> {
    items.nth(turn - 1)
}

/// Every item.
pub fn all<I: IntoIterator>(items: I) -> Vec<I::Item> {
    items.into_iter().collect()
}

/// Every item of a list that is named by value.
pub fn all_of_taken<I: Taken>(items: &I) -> Vec<I::Item> {
    items.again().collect()
}
