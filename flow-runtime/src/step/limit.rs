//! Named limits: how many attempts of all steps of one name may run at a time, and how often one may begin.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::error::StepError;
use crate::policy::Limit;

/// What a limit allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// How many at a time.
    pub(crate) at_once: Option<u32>,
    /// How long after one begins the next may.
    pub(crate) every: Option<Duration>,
}

/// The limits that runs share, by name.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    /// What was set for the runtime goes before what a step says.
    set: HashMap<String, Allowed>,
    gates: Mutex<HashMap<&'static str, Arc<Gate>>>,
}

#[derive(Debug)]
struct Gate {
    allowed: Allowed,
    slots: Option<Arc<Semaphore>>,
    /// When the next attempt may begin.
    next: Mutex<Option<Instant>>,
}

impl Limits {
    pub(crate) fn new(set: HashMap<String, Allowed>) -> Self {
        Self { set, gates: Mutex::default() }
    }

    /// Waits until an attempt may begin. It takes a slot for as long as it keeps what this gives.
    ///
    /// # Errors
    /// When another step says something else of the same limit: what holds would depend on which runs first.
    pub(crate) async fn enter(&self, limit: &Limit) -> Result<Option<OwnedSemaphorePermit>, StepError> {
        let gate = self.gate(limit)?;
        let slot = match &gate.slots {
            // It is never closed.
            Some(slots) => Arc::clone(slots).acquire_owned().await.ok(),
            None => None,
        };
        if let Some(every) = gate.allowed.every {
            tokio::time::sleep_until(gate.begin(every)).await;
        }
        Ok(slot)
    }

    fn gate(&self, limit: &Limit) -> Result<Arc<Gate>, StepError> {
        let allowed = self.allowed(limit);
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        match gates.entry(limit.name) {
            Entry::Occupied(gate) if gate.get().allowed == allowed => Ok(Arc::clone(gate.get())),
            Entry::Occupied(gate) => Err(disagree(limit.name, gate.get().allowed, allowed)),
            Entry::Vacant(free) => Ok(Arc::clone(free.insert(Arc::new(Gate::new(allowed))))),
        }
    }

    fn allowed(&self, limit: &Limit) -> Allowed {
        let set = self.set.get(limit.name).copied().unwrap_or_default();
        Allowed { at_once: set.at_once.or(limit.at_once), every: set.every.or(limit.every) }
    }
}

impl Gate {
    fn new(allowed: Allowed) -> Self {
        let slots = allowed.at_once.map(|slots| Arc::new(Semaphore::new(slots as usize)));
        Self { allowed, slots, next: Mutex::default() }
    }

    /// Takes the next moment at which an attempt may begin. One that is cancelled while it waits leaves its moment unused.
    fn begin(&self, every: Duration) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let begin = next.map_or(now, |next| next.max(now));
        *next = Some(begin + every);
        begin
    }
}

fn disagree(name: &str, one: Allowed, other: Allowed) -> StepError {
    let say = |Allowed { at_once, every }: Allowed| {
        let at_once = at_once.map(|number| format!("{number} at a time"));
        let every = every.map(|every| format!("one every {every:?}"));
        at_once.into_iter().chain(every).collect::<Vec<_>>().join(" and ")
    };
    let (one, other) = (say(one), say(other));
    StepError::terminal(format!(
        "the limit `{name}` is {one} at one step and {other} at this one: write the same at both, or set it where the runtime is built"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LLM: Limit = Limit { name: "llm", at_once: Some(2), every: None };

    #[tokio::test(start_paused = true)]
    async fn a_rate_is_spread_evenly() {
        let (limits, start) = (Limits::default(), Instant::now());
        let limit = Limit { name: "api", at_once: None, every: Some(Duration::from_millis(100)) };
        for turn in 0..5 {
            limits.enter(&limit).await.unwrap();
            assert_eq!(start.elapsed().as_millis(), turn * 100);
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        let rested = Instant::now();
        limits.enter(&limit).await.unwrap();
        limits.enter(&limit).await.unwrap();
        assert_eq!(rested.elapsed().as_millis(), 100, "what was not used does not add up");
    }

    #[tokio::test]
    async fn a_slot_is_free_again_when_it_is_dropped() {
        let limits = Limits::default();
        let (first, _second) = (limits.enter(&LLM).await.unwrap(), limits.enter(&LLM).await.unwrap());
        let full = tokio::time::timeout(Duration::from_millis(20), limits.enter(&LLM)).await;
        assert!(full.is_err());
        drop(first);
        limits.enter(&LLM).await.unwrap();
    }

    #[tokio::test]
    async fn two_steps_cannot_say_two_things() {
        let limits = Limits::default();
        limits.enter(&LLM).await.unwrap();
        let other = Limit { at_once: Some(8), ..LLM };
        let error = limits.enter(&other).await.unwrap_err();
        assert!(error.is_terminal());
        assert_eq!(
            error.to_string(),
            "the limit `llm` is 2 at a time at one step and 8 at a time at this one: write the same at both, or set it where the runtime is built"
        );

        let set = Limits::new(HashMap::from([("llm".to_owned(), Allowed { at_once: Some(1), every: None })]));
        drop(set.enter(&LLM).await.unwrap());
        set.enter(&other).await.unwrap();
    }
}
