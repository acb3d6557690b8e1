//! What a run left behind: in the store, and in the world.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use flow_runtime::event::Fact;
use flow_runtime::store::{RunFilter, Store};
use flow_runtime::{Error, RunStatus};

use crate::child::Place;

/// A step did something: one line of the effects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Effect {
    pub(crate) pid: u32,
    pub(crate) attempt: u32,
    /// The idempotency key without the run, which is another one in each case.
    pub(crate) key: String,
    /// What was done.
    pub(crate) unit: String,
}

pub(crate) fn effects(file: &Path) -> Vec<Effect> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| effect(line).unwrap_or_else(|| panic!("a line is torn: {line:?}"))).collect()
}

fn effect(line: &str) -> Option<Effect> {
    let mut words = line.split(' ');
    let (pid, attempt) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let (_run, key) = words.next()?.split_once('/')?;
    Some(Effect { pid, attempt, key: key.to_owned(), unit: words.next()?.to_owned() })
}

/// What the store says of the one run.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) status: Option<RunStatus>,
    /// How often each fact is there, by name and place.
    pub(crate) facts: BTreeMap<(&'static str, String), usize>,
    /// Frames, values, suspensions, answers and timers that are still kept.
    pub(crate) left_over: usize,
}

impl Stored {
    pub(crate) async fn read(place: &Place) -> Result<Self, Error> {
        Self::of(&*place.open().await?).await
    }

    pub(crate) async fn of(store: &dyn Store) -> Result<Self, Error> {
        let rows = store.runs(RunFilter::default()).await?;
        assert!(rows.len() <= 1, "one key makes one run: {rows:?}");
        let Some(row) = rows.first() else { return Ok(Self::default()) };
        let mut facts = BTreeMap::new();
        for event in store.events(row.run, 0).await? {
            *facts.entry(named(&event.fact)).or_default() += 1;
        }
        let left_over = left_over(store, row.run).await?;
        Ok(Self { status: Some(row.status), facts, left_over })
    }

    /// The places whose results are recorded.
    pub(crate) fn completed(&self) -> BTreeSet<&str> {
        self.facts.keys().filter(|(name, _)| *name == "step.completed").map(|(_, path)| path.as_str()).collect()
    }

    /// How often a fact is there, wherever.
    pub(crate) fn times(&self, name: &str) -> usize {
        self.facts.iter().filter(|((fact, _), _)| *fact == name).map(|(_, count)| count).sum()
    }

    /// The facts that are the same however often the run changed hands.
    pub(crate) fn lasting(&self) -> BTreeMap<&(&'static str, String), usize> {
        let passing = ["run.recovered", "run.suspended", "step.started", "step.retried"];
        self.facts.iter().filter(|((name, _), _)| !passing.contains(name)).map(|(fact, count)| (fact, *count)).collect()
    }
}

fn named(fact: &Fact) -> (&'static str, String) {
    (fact.name(), fact.path().unwrap_or_default().to_owned())
}

async fn left_over(store: &dyn Store, run: flow_runtime::RunId) -> Result<usize, Error> {
    let rows = store.frames(run).await?.len() + store.values(run).await?.len() + store.suspensions(run).await?.len();
    Ok(rows + store.inbox(run).await?.len() + store.timers(10).await?.len())
}

/// Each visit did its own work: a key stands for one unit, and a unit has one key.
pub(crate) fn no_key_is_shared(effects: &[Effect]) -> Result<(), String> {
    let pairs: BTreeSet<_> = effects.iter().map(|effect| (&*effect.key, &*effect.unit)).collect();
    let keys: BTreeSet<_> = pairs.iter().map(|(key, _)| key).collect();
    let units: BTreeSet<_> = pairs.iter().map(|(_, unit)| unit).collect();
    if (keys.len(), units.len()) == (pairs.len(), pairs.len()) {
        return Ok(());
    }
    Err(format!("{} units were done under {} keys, in {} pairs: {pairs:?}", units.len(), keys.len(), pairs.len()))
}

/// What was recorded was not done again, what was done again was under way, and no process did anything twice, unless it lost
/// the run by being too slow and took it up again. Gives how many steps were done again.
pub(crate) fn done_again(effects: &[Effect], between: &Stored, after: &Stored, at_once: usize) -> Result<usize, String> {
    let recorded = between.completed();
    let taken_up = after.times("run.recovered").max(1);
    let mut times: BTreeMap<(u32, u32, &str), usize> = BTreeMap::new();
    let mut processes: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for effect in effects {
        *times.entry((effect.pid, effect.attempt, &effect.key)).or_default() += 1;
        processes.entry(&effect.key).or_default().insert(effect.pid);
    }
    if let Some((what, _)) = times.iter().find(|(_, times)| **times > taken_up) {
        return Err(format!("one process did it twice: {what:?}"));
    }
    let again: BTreeSet<_> = processes.iter().filter(|(_, pids)| pids.len() > 1).map(|(key, _)| *key).collect();
    if let Some(key) = again.intersection(&recorded).next() {
        return Err(format!("`{key}` was recorded and done again"));
    }
    if again.len() > at_once * taken_up {
        return Err(format!("{} steps were done again, and at most {at_once} are under way at a time: {again:?}", again.len()));
    }
    // A step begins when the one before it is recorded.
    let stages: BTreeSet<_> = again.iter().map(|key| stage(key)).collect();
    if stages.len() > taken_up {
        return Err(format!("steps were under way that follow each other: {again:?}"));
    }
    Ok(again.len())
}

/// What may be under way at a time: the arms of a join, or a step by itself.
fn stage(key: &str) -> &str {
    let arm = key.split_once('[').or_else(|| key.rsplit_once('/').filter(|(above, _)| above.contains("left_middle_right")));
    arm.map_or(key, |(join, _)| join)
}
