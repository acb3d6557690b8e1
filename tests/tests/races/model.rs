//! What a run is to its callers, one operation after the other; and whether some order of them explains what they saw.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

/// What a caller does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Operation {
    /// Starts the run by its key, with this input.
    Start(u64),
    /// Answers the approval; the request may have a name.
    Resume(u64, Option<String>),
    /// Sends the payment; the request may have a name.
    Signal(u64, Option<String>),
    Cancel,
}

impl Operation {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Resume(_, None) => "resume",
            Self::Resume(_, Some(_)) => "resume_as",
            Self::Signal(_, None) => "signal",
            Self::Signal(_, Some(_)) => "signal_as",
            Self::Cancel => "cancel",
        }
    }
}

/// What the caller is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Started,
    Done,
    AlreadyResumed,
    KeyConflict,
    NotSuspended,
    Withdrawn,
    WrongStatus,
    /// Never right.
    Other(String),
}

/// An operation as somebody saw it: what was answered, and when, in nanoseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) operation: Operation,
    pub(crate) answer: Answer,
    pub(crate) began: u64,
    pub(crate) ended: u64,
}

impl Seen {
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.began < other.ended && other.began < self.ended
    }
}

/// How a run stands when nothing moves in it any more.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rest {
    Absent,
    Waits(&'static str),
    Completed(Vec<u64>),
    Cancelled,
}

/// The run, as far as callers can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Model {
    input: Option<u64>,
    /// Whether the approval was ever open.
    asked: bool,
    /// The first answer, and the name of its request.
    approved: Option<(u64, Option<String>)>,
    /// The first payment.
    paid: Option<u64>,
    requests: Vec<String>,
    ended: Option<End>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    Completed,
    Cancelled,
}

impl Model {
    /// A run that was started.
    pub(crate) fn begun(input: u64) -> Self {
        Self { input: Some(input), ..Self::default() }
    }

    /// A run that waits for its approval.
    pub(crate) fn asked(input: u64) -> Self {
        Self { asked: true, ..Self::begun(input) }
    }

    /// A run that waits for its payment.
    pub(crate) fn approved(input: u64, answer: u64) -> Self {
        Self { approved: Some((answer, None)), ..Self::asked(input) }
    }

    fn apply(&mut self, operation: &Operation) -> Answer {
        match operation {
            Operation::Start(input) => match *self.input.get_or_insert(*input) == *input {
                true => Answer::Started,
                false => Answer::KeyConflict,
            },
            Operation::Resume(value, request) => self.resume(*value, request.as_ref()),
            Operation::Signal(value, request) => self.signal(*value, request.as_ref()),
            Operation::Cancel if self.ended == Some(End::Completed) => Answer::WrongStatus,
            Operation::Cancel => {
                self.ended = Some(End::Cancelled);
                Answer::Done
            }
        }
    }

    fn resume(&mut self, value: u64, request: Option<&String>) -> Answer {
        match &self.approved {
            Some((_, Some(first))) if request == Some(first) => Answer::Done,
            Some(_) => Answer::AlreadyResumed,
            None if !self.asked => Answer::NotSuspended,
            None if self.ended.is_some() => Answer::Withdrawn,
            None => {
                self.approved = Some((value, request.cloned()));
                Answer::Done
            }
        }
    }

    fn signal(&mut self, value: u64, request: Option<&String>) -> Answer {
        if request.is_some_and(|request| self.requests.contains(request)) {
            return Answer::Done;
        }
        if self.ended.is_some() {
            return Answer::WrongStatus;
        }
        self.requests.extend(request.cloned());
        self.paid.get_or_insert(value);
        Answer::Done
    }

    /// What the run does by itself next, if it does anything.
    fn moved(&self) -> Option<Self> {
        if self.input.is_none() || self.ended.is_some() {
            return None;
        }
        if !self.asked {
            return Some(Self { asked: true, ..self.clone() });
        }
        let all = self.approved.is_some() && self.paid.is_some();
        all.then(|| Self { ended: Some(End::Completed), ..self.clone() })
    }

    fn at_rest(self) -> Rest {
        if let Some(moved) = self.moved() {
            return moved.at_rest();
        }
        match (self.ended, self.input, self.approved, self.paid) {
            (Some(End::Cancelled), ..) => Rest::Cancelled,
            (Some(End::Completed), Some(input), Some((answer, _)), Some(paid)) => Rest::Completed(vec![input, answer, paid]),
            (_, None, ..) => Rest::Absent,
            (_, _, None, _) => Rest::Waits("approval#0"),
            _ => Rest::Waits("payment#0"),
        }
    }
}

/// Whether there is an order of the operations in which the model gives each the answer it got and ends as the run did. What
/// was answered before another one began comes before it, and the run may move between any two.
pub(crate) fn explains(model: Model, seen: &[Seen], rest: &Rest) -> bool {
    assert!(seen.len() < 32, "one bit each");
    Search { seen, rest, tried: HashSet::new() }.from(model, 0)
}

struct Search<'s> {
    seen: &'s [Seen],
    rest: &'s Rest,
    tried: HashSet<(Model, u32)>,
}

impl Search<'_> {
    /// `done` has a bit for each operation that was applied.
    fn from(&mut self, model: Model, done: u32) -> bool {
        if !self.tried.insert((model.clone(), done)) {
            return false;
        }
        let open: Vec<_> = (0..self.seen.len()).filter(|nth| done & (1 << nth) == 0).collect();
        if open.is_empty() {
            return model.at_rest() == *self.rest;
        }
        let first_end = open.iter().map(|nth| self.seen[*nth].ended).min();
        let next = open.into_iter().filter(|nth| Some(self.seen[*nth].began) <= first_end);
        let explained = next.collect::<Vec<_>>().into_iter().any(|nth| {
            let mut after = model.clone();
            after.apply(&self.seen[nth].operation) == self.seen[nth].answer && self.from(after, done | (1 << nth))
        });
        explained || model.moved().is_some_and(|moved| self.from(moved, done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(operation: Operation, answer: Answer, began: u64, ended: u64) -> Seen {
        Seen { operation, answer, began, ended }
    }

    #[test]
    fn one_of_two_answers_wins() {
        let both = |first: Answer, second: Answer| {
            [seen(Operation::Resume(1, None), first, 0, 9), seen(Operation::Resume(2, None), second, 1, 8)]
        };
        let waits = Rest::Waits("payment#0");
        assert!(explains(Model::asked(0), &both(Answer::Done, Answer::AlreadyResumed), &waits));
        assert!(explains(Model::asked(0), &both(Answer::AlreadyResumed, Answer::Done), &waits));
        assert!(!explains(Model::asked(0), &both(Answer::Done, Answer::Done), &waits));
        assert!(!explains(Model::asked(0), &both(Answer::AlreadyResumed, Answer::AlreadyResumed), &waits));
        assert!(!explains(Model::asked(0), &both(Answer::Done, Answer::AlreadyResumed), &Rest::Waits("approval#0")));
    }

    #[test]
    fn the_winner_is_what_the_run_goes_on_with() {
        let all = [
            seen(Operation::Resume(1, None), Answer::Done, 0, 9),
            seen(Operation::Resume(2, None), Answer::AlreadyResumed, 0, 9),
            seen(Operation::Signal(3, None), Answer::Done, 0, 9),
        ];
        assert!(explains(Model::asked(0), &all, &Rest::Completed(vec![0, 1, 3])));
        assert!(!explains(Model::asked(0), &all, &Rest::Completed(vec![0, 2, 3])));
        assert!(!explains(Model::asked(0), &all, &Rest::Waits("payment#0")), "the signal is not lost");
    }

    #[test]
    fn what_was_answered_comes_first() {
        let late = |began| {
            [seen(Operation::Cancel, Answer::Done, 0, 5), seen(Operation::Resume(1, None), Answer::AlreadyResumed, began, 9)]
        };
        let with_a_winner =
            |began| [late(began).as_slice(), &[seen(Operation::Resume(2, None), Answer::Done, began, 9)]].concat();
        assert!(explains(Model::asked(0), &with_a_winner(4), &Rest::Cancelled));
        assert!(!explains(Model::asked(0), &with_a_winner(6), &Rest::Cancelled));
    }
}
