//! A body in every way, on some inputs: the same end, and the same calls in the same order.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use flow_runtime::Runtime;
use flow_runtime::local::Parked;
use flow_runtime::snapshot::Snapshot;
use flow_runtime::store::SuspensionRow;
use serde_json::Value;
use tests::recording::Recording;

use crate::log::{self, Line};
use crate::order::{calls, chain, is_end_of, is_many, is_within, lossy, machines};
use crate::random::Random;
use crate::ways::{End, Stop, Ways};
use crate::{Body, work};

/// What was seen of a body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub inputs: usize,
    pub states: usize,
    pub drops: usize,
    pub sides: usize,
}

/// A body on one input, as it must behave.
struct Expected<'b> {
    body: &'b Body,
    input: u32,
    end: End,
    log: Vec<Line>,
    /// An arm failed, so that its siblings may have been cut off.
    lost: bool,
}

/// Runs a body in every way.
///
/// # Errors
/// What differs, with both logs.
pub async fn compare(body: &Body, ways: &Ways) -> Result<Seen, String> {
    let mut random = Random::new(body.seed ^ 0x5eed);
    let (expected, sides) = inputs(body, ways).await;
    let mut seen = Seen { inputs: expected.len(), sides, ..Seen::default() };
    for expected in &expected {
        straight(expected, ways, &mut random).await?;
        let moments = stored(expected, ways, &mut random).await?;
        seen.states += moments.states.len();
        for (index, _) in moments.states.iter().enumerate() {
            restored(expected, ways, &moments, index, &mut random).await?;
        }
        seen.drops += dropped(expected, ways, &mut random).await?;
    }
    Ok(seen)
}

/// Inputs that meet as many sides of branches as can be, and both ends; at least two.
async fn inputs<'b>(body: &'b Body, ways: &Ways) -> (Vec<Expected<'b>>, usize) {
    let (mut met, mut chosen) = (BTreeSet::new(), Vec::new());
    for input in 0..200 {
        log::take();
        log::take_lost();
        let end = (ways.plain)(input).await;
        let log = log::take();
        let news: BTreeSet<_> = log.iter().map(|line| line.site).filter(|site| body.sides.contains(site)).collect();
        let ended = if end.is_ok() { u32::MAX } else { u32::MAX - 1 };
        let before = met.len();
        met.extend(news);
        met.insert(ended);
        if (met.len() > before || chosen.len() < 2) && chosen.len() < 6 {
            chosen.push(Expected { body, input, end, log, lost: log::take_lost() });
        }
    }
    (chosen, met.iter().filter(|site| body.sides.contains(site)).count())
}

/// Without a runtime; where it waits it is dropped, and some of what is open is answered.
async fn straight(expected: &Expected<'_>, ways: &Ways, random: &mut Random) -> Result<(), String> {
    log::take();
    let begun = (ways.run)(expected.input).await;
    let end = to_the_end(ways, begun, random).await;
    expected.judge("straight through", &end, &log::take())
}

async fn to_the_end(ways: &Ways, mut stop: Stop<Parked>, random: &mut Random) -> End {
    loop {
        match stop {
            Stop::Ended(end) => return end,
            Stop::Waits(parked) => {
                let text = serde_json::to_string(&parked).expect("what is parked is data");
                let mut parked: Parked = serde_json::from_str(&text).expect("what is parked can be read");
                for row in some(random, &parked.pending) {
                    parked.answer_json(row.address(), answer(&row)).expect("it is open");
                }
                stop = (ways.go_on)(parked).await;
            }
        }
    }
}

/// Some of what is open, in any order, at least one; but nothing that is never answered.
fn some(random: &mut Random, pending: &[SuspensionRow]) -> Vec<SuspensionRow> {
    let mut rest: Vec<_> = pending.iter().filter(|row| row.node != "never").cloned().collect();
    let count = 1 + random.below(rest.len());
    (0..count.min(rest.len())).map(|_| rest.swap_remove(random.below(rest.len()))).collect()
}

/// What a suspension is answered with. The log tells of it here.
fn answer(row: &SuspensionRow) -> Value {
    let work::Question { site, about } = serde_json::from_value(row.payload.clone()).expect("it shows a question");
    log::call(site, format!("{}{:?}", row.node, (&about,)), Some(&row.path));
    let number = work::answer(site, &about);
    if row.node == "ask" { number.into() } else { number.is_multiple_of(2).into() }
}

/// A run with the states it was in, and how long the log was then.
struct Moments {
    log: Vec<Line>,
    states: Vec<(usize, Snapshot)>,
}

/// On a store, going on with the decoded state after each transition.
async fn stored(expected: &Expected<'_>, ways: &Ways, random: &mut Random) -> Result<Moments, String> {
    log::take();
    let store = Recording::noting(log::len);
    let builder = Runtime::builder(()).store(store.clone()).reload_every_transition(true).linger(Duration::ZERO);
    let runtime = (ways.register)(builder).build().await.expect("a runtime starts");
    let run = (ways.start)(runtime.clone(), expected.input).await;
    let end = loop {
        match (ways.outcome)(runtime.clone(), run).await {
            Stop::Ended(end) => break end,
            Stop::Waits(pending) => {
                for row in some(random, &pending) {
                    runtime.resume(run, row.address(), answer(&row)).await.expect("it is open");
                }
            }
        }
    };
    let log = log::take();
    expected.judge("with every state stored", &end, &log)?;
    let mut paths = HashSet::new();
    if let Some(line) = log.iter().find(|line| line.path.as_ref().is_some_and(|path| !paths.insert(path.clone()))) {
        return Err(expected.tell(&format!("stored: `{line}` ran twice"), &end, &log));
    }
    Ok(Moments { log, states: store.noted() })
}

/// Goes on from one state that a run was in. What was finished there does not run again; what was not, does.
async fn restored(
    expected: &Expected<'_>,
    ways: &Ways,
    moments: &Moments,
    index: usize,
    random: &mut Random,
) -> Result<(), String> {
    let (at, state) = &moments.states[index];
    let text = serde_json::to_string(state).expect("a snapshot is data");
    log::take();
    let begun = (ways.from_snapshot)(serde_json::from_str(&text).expect("a snapshot can be read")).await;
    let end = to_the_end(ways, begun, random).await;
    let log = log::take();
    let what = format!("from state {index}, {text}");
    if end != expected.end {
        return Err(expected.tell(&what, &end, &log));
    }
    let unfinished: HashSet<_> = current(state).collect();
    let behind = moments
        .log
        .iter()
        .enumerate()
        .filter(|(index, line)| *index >= *at || line.path.as_ref().is_some_and(|path| unfinished.contains(path)));
    let behind: Vec<_> = behind.map(|(_, line)| line).collect();
    for machine in machines(expected.body) {
        let (found, all) = (chain(expected.body, machine, &log), chain(expected.body, machine, &moments.log));
        let due = chain(expected.body, machine, behind.iter().copied());
        let same = if expected.lost && lossy(expected.body, machine) {
            is_within(&found, &chain(expected.body, machine, &expected.log))
        } else {
            let end = if is_many(expected.body, machine) { is_within(&found, &all) } else { is_end_of(&found, &all) };
            end && calls(found) == calls(due)
        };
        if !same {
            return Err(expected.tell(&format!("{what}\n(arm {machine}, state at line {at})"), &end, &log));
        }
    }
    Ok(())
}

/// The paths of the nodes that the machines of a snapshot are at. An arm that is one node gives it its own path.
fn current(state: &Snapshot) -> impl Iterator<Item = String> {
    let at = |(path, frame): (&String, &flow_runtime::snapshot::Frame)| match frame.visits.get(&frame.place) {
        Some(0) => vec![],
        Some(visits) => vec![format!("{path}/{}#{}", frame.place, visits - 1), path.clone()],
        // A machine that has ended names no place of the body.
        None if frame.place == "done" => vec![],
        None => vec![path.clone()],
    };
    state.frames.iter().flat_map(at)
}

/// On a store, dropped again and again wherever it is, and taken up by another runtime. What was cut off runs again,
/// under the same path.
async fn dropped(expected: &Expected<'_>, ways: &Ways, random: &mut Random) -> Result<usize, String> {
    log::take();
    let store = Recording::default();
    let (mut run, mut drops) = (None, 0);
    let end = 'run: loop {
        let builder = Runtime::builder(()).store(store.clone()).linger(Duration::ZERO);
        let runtime = (ways.register)(builder).build().await.expect("a runtime starts");
        let id = match run {
            Some(id) => id,
            None => (ways.start)(runtime.clone(), expected.input).await,
        };
        run = Some(id);
        let patience = if drops < 6 { random.below(8) } else { usize::MAX };
        let mut outcome = (ways.outcome)(runtime.clone(), id);
        let mut turns = 0;
        while turns < patience {
            match futures::poll!(&mut outcome) {
                std::task::Poll::Ready(Stop::Ended(end)) => break 'run end,
                std::task::Poll::Ready(Stop::Waits(pending)) => {
                    for row in some(random, &pending) {
                        runtime.resume(id, row.address(), answer(&row)).await.expect("it is open");
                    }
                    outcome = (ways.outcome)(runtime.clone(), id);
                }
                std::task::Poll::Pending => tokio::task::yield_now().await,
            }
            turns += 1;
        }
        drops += 1;
    };
    let log = log::take();
    let mut paths = HashSet::new();
    let once = log.iter().filter(|line| line.path.as_ref().is_some_and(|path| paths.insert(path.clone())));
    let once: Vec<_> = once.cloned().collect();
    let plain: Vec<_> = expected.log.iter().filter(|line| line.call).cloned().collect();
    if end != expected.end || !expected.same_order(&once, &plain) {
        return Err(expected.tell(&format!("dropped {drops} times"), &end, &log));
    }
    Ok(drops)
}

impl Expected<'_> {
    fn judge(&self, what: &str, end: &End, log: &[Line]) -> Result<(), String> {
        if *end == self.end && self.same_order(log, &self.log) { Ok(()) } else { Err(self.tell(what, end, log)) }
    }

    fn same_order(&self, log: &[Line], plain: &[Line]) -> bool {
        machines(self.body).all(|machine| {
            let (found, plain) = (chain(self.body, machine, log), chain(self.body, machine, plain));
            if self.lost && lossy(self.body, machine) { is_within(&found, &plain) } else { found == plain }
        })
    }

    fn tell(&self, what: &str, end: &End, log: &[Line]) -> String {
        let lines = |log: &[Line]| log.iter().map(|line| format!("    {line}\n")).collect::<String>();
        let Self { body, input, end: plain, log: plain_log, .. } = self;
        format!(
            "seed {} differs on input {input}, {what}\n{}\nplain: {plain:?}\n{}machine: {end:?}\n{}",
            body.seed,
            body.source,
            lines(plain_log),
            lines(log)
        )
    }
}
