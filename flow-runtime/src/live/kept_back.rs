//! What a run has done and not written yet: see [`Durability::Suspend`](crate::Durability::Suspend).

use std::collections::BTreeMap;

use crate::event::Fact;
use crate::store::{End, FrameRow, Transition, is_at_or_below};

/// How many moves are kept back at most: what a crash repeats has an end, and so has what they take in memory.
const MOST: usize = 256;

/// Moves that will be written with a later one.
#[derive(Debug, Default)]
pub(super) struct Moves {
    count: usize,
    left: Vec<String>,
    /// By the path of the machine: only its last one counts.
    frames: BTreeMap<String, FrameRow>,
    facts: Vec<Fact>,
}

impl Moves {
    pub(super) fn is_full(&self) -> bool {
        self.count >= MOST
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0 && self.facts.is_empty()
    }

    pub(super) fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// Adds a move: a place is left, then a frame written.
    pub(super) fn add(&mut self, left: Option<String>, frame: FrameRow, facts: Vec<Fact>) {
        self.count += 1;
        if let Some(place) = left {
            self.leave(place);
        }
        let frame = self.over(frame);
        self.frames.insert(frame.path.clone(), frame);
        self.facts.extend(facts);
    }

    /// Gives everything to a transition, which then writes it.
    pub(super) fn give(&mut self, transition: &mut Transition) {
        if let Some(place) = &transition.left {
            self.leave(place.clone());
        }
        transition.frame = transition.frame.take().map(|frame| self.over(frame));
        let Self { left, frames, mut facts, .. } = std::mem::take(self);
        facts.append(&mut transition.facts);
        transition.facts = facts;
        // A run that is completed leaves nothing behind but what has happened.
        if !matches!(transition.end, Some(End::Completed(_))) {
            transition.kept_back.left = left;
            transition.kept_back.frames = frames.into_values().collect();
        }
    }

    /// What is at or below a place goes with it, here and in the store.
    fn leave(&mut self, place: String) {
        self.frames.retain(|path, _| !is_at_or_below(path, &place));
        self.left.push(place);
    }

    /// A frame in the place of the one before it: of that, the large values live on that are not dead.
    fn over(&mut self, mut frame: FrameRow) -> FrameRow {
        let Some(before) = self.frames.remove(&frame.path) else { return frame };
        let (mut values, mut dead) = (before.values, before.dead);
        frame.dead.retain(|id| {
            let known = values.len();
            values.retain(|write| write.id != *id);
            known == values.len()
        });
        values.append(&mut frame.values);
        dead.append(&mut frame.dead);
        FrameRow { values, dead, ..frame }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::RunId;
    use crate::encoded::Encoded;
    use crate::store::{ValueId, ValueWrite};

    fn frame(path: &str, place: &str, values: &[ValueId], dead: &[ValueId]) -> FrameRow {
        let value = |id: &ValueId| ValueWrite { id: *id, value: Encoded::of(id).unwrap() };
        let (path, bytes) = (path.to_owned(), place.as_bytes().to_vec());
        FrameRow { path, place: place.to_owned(), bytes, values: values.iter().map(value).collect(), dead: dead.to_vec() }
    }

    fn a_move() -> Transition {
        let (run, now) = (RunId::new(), SystemTime::now());
        let (frame, left, opens, end, facts, kept_back) = Default::default();
        Transition { run, epoch: 1, kept_back, frame, left, opens, end, facts, now, again: false }
    }

    fn told(frame: &FrameRow) -> (&str, &str, Vec<ValueId>, &[ValueId]) {
        (&frame.path, &frame.place, frame.values.iter().map(|write| write.id).collect(), &frame.dead)
    }

    #[test]
    fn the_last_frame_of_a_machine_counts_and_its_values_live_on() {
        let mut moves = Moves::default();
        moves.add(None, frame("wf", "a", &[1, 2], &[]), vec![Fact::RunRecovered]);
        moves.add(Some("wf/a#0".to_owned()), frame("wf", "b", &[3], &[1, 9]), vec![]);
        moves.add(None, frame("wf/b#0/left", "c", &[4], &[]), vec![Fact::RunRecovered]);
        let mut last = Transition { frame: Some(frame("wf", "d", &[], &[3])), ..a_move() };
        moves.give(&mut last);
        assert_eq!(told(&last.frame.unwrap()), ("wf", "d", vec![2], &[9][..]));
        assert_eq!(last.kept_back.left, ["wf/a#0"]);
        assert_eq!(last.kept_back.frames.iter().map(told).collect::<Vec<_>>(), [("wf/b#0/left", "c", vec![4], &[][..])]);
        assert_eq!(last.facts.len(), 2);
        assert!(moves.is_empty());
    }

    #[test]
    fn what_was_left_again_is_never_written() {
        let mut moves = Moves::default();
        moves.add(None, frame("wf/b#0/left", "c", &[4], &[]), vec![]);
        let mut last = Transition { frame: Some(frame("wf", "d", &[], &[])), ..a_move() };
        last.left = Some("wf/b#0".to_owned());
        moves.give(&mut last);
        assert!(last.kept_back.frames.is_empty());
    }

    #[test]
    fn a_completed_run_writes_only_what_has_happened() {
        let mut moves = Moves::default();
        moves.add(Some("wf/a#0".to_owned()), frame("wf", "b", &[3], &[1]), vec![Fact::RunRecovered]);
        let mut last = Transition { end: Some(End::Completed(Encoded::of(&1).unwrap())), ..a_move() };
        moves.give(&mut last);
        assert!(last.kept_back.frames.is_empty() && last.kept_back.left.is_empty());
        assert_eq!(last.facts.len(), 1);
    }
}
