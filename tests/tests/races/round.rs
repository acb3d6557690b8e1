//! A round: a run is brought somewhere, contenders do what was drawn, and the model judges.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use fastrand::Rng;
use flow_runtime::event::Fact;
use flow_runtime::store::{History, RunFilter, Store};
use flow_runtime::{Error, RunId, RunStatus, Runtime};
use serde_json::json;
use tokio::time::sleep;

use crate::contest::{Contender, Heat, Result as Contest, now};
use crate::model::{Answer, Model, Operation, Rest, explains};
use crate::place::{Purchase, seed};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

const INPUT: u64 = 1;
const ANSWER: u64 = 5;

/// How far the run is when the contenders begin.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Far {
    /// Each contender begins with a start.
    Absent,
    Begun,
    /// Parked at its suspension.
    Asked,
    /// Parked at its signal.
    Approved,
}

/// What was drawn.
#[derive(Clone, Debug)]
pub(crate) struct Round {
    seed: u64,
    nth: u64,
    far: Far,
    contenders: Vec<Contender>,
}

/// How often each operation got each answer.
pub(crate) type Count = BTreeMap<String, usize>;

/// In how many rounds two operations were under way at once.
pub(crate) const OVERLAPPING: &str = "overlapping";

impl Round {
    /// The same for the same seed and number, whatever became of the rounds before.
    pub(crate) fn drawn(seed: u64, nth: u64) -> Self {
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(nth));
        let far = [Far::Absent, Far::Begun, Far::Asked, Far::Asked, Far::Approved][rng.usize(..5)];
        let contenders = (0..rng.u64(3..=5)).map(|who| {
            let start = || Operation::Start(INPUT);
            let mut operations = if far == Far::Absent { vec![start()] } else { Vec::new() };
            if far == Far::Absent && rng.u8(..4) == 0 {
                operations = vec![Operation::Start(INPUT + 1)];
            }
            // With a payment the run is over, some milliseconds later: that is when a cancel meets its end.
            let (operation, delay) = match who {
                0 if far == Far::Approved => (Operation::Signal(20, None), 0),
                1 if far == Far::Approved => (Operation::Cancel, rng.u64(..30_000)),
                _ => (operation(&mut rng, who), rng.u64(..800) * rng.u64(..2)),
            };
            operations.push(operation);
            Contender { operations, delay: Duration::from_micros(delay) }
        });
        let contenders = contenders.collect();
        Self { seed, nth, far, contenders }
    }

    fn key(&self) -> String {
        format!("round {}", self.nth)
    }

    /// Brings the run to where it is to be. What the contenders are to do is dealt to so many processes.
    pub(crate) async fn prepare(&self, runtime: &Runtime<()>, processes: usize) -> Result<Vec<Heat>, Error> {
        let mut run = None;
        if self.far != Far::Absent {
            let begun = runtime.start::<Purchase>(INPUT).key(self.key()).await?;
            run = Some(begun.id());
            if self.far != Far::Begun {
                at_rest(runtime.history(), begun.id()).await?;
            }
            if self.far == Far::Approved {
                runtime.resume(begun.id(), "approval#0", json!(ANSWER)).await?;
                at_rest(runtime.history(), begun.id()).await?;
            }
        }
        // A run that was only begun is met while it opens its suspension.
        let at = now() + if self.far == Far::Begun { 0 } else { 2_000_000 };
        let mut heats = vec![Heat { contenders: Vec::new(), key: self.key(), run, at }; processes];
        for (nth, contender) in self.contenders.iter().enumerate() {
            heats[nth % processes].contenders.push(contender.clone());
        }
        Ok(heats)
    }

    /// Whether the model explains it.
    pub(crate) async fn judge(
        &self,
        heats: &[Heat],
        contest: &Contest,
        store: &dyn Store,
        count: &mut Count,
    ) -> Result<(), String> {
        let mut add = |what: String| *count.entry(what).or_default() += 1;
        contest.seen.iter().for_each(|seen| add(format!("{} {:?}", seen.operation.name(), seen.answer)));
        if contest.seen.iter().enumerate().any(|(nth, seen)| contest.seen[..nth].iter().any(|other| seen.overlaps(other))) {
            add(OVERLAPPING.to_owned());
        }
        let fault = self.fault(heats, contest, store).await;
        fault.map_err(|fault| {
            let Self { seed, nth, far, .. } = self;
            let seen: Vec<_> = contest.seen.iter().map(|seen| format!("  {seen:?}")).collect();
            let again = format!("FLOW_SEED={seed} cargo test -p tests --test races");
            format!("round {nth} of seed {seed}, {far:?}: {fault}\n{}\nagain: {again}", seen.join("\n"))
        })
    }

    async fn fault(&self, heats: &[Heat], contest: &Contest, store: &dyn Store) -> Result<(), String> {
        let told = |error: Error| format!("the store failed: {error}");
        let runs: BTreeSet<RunId> = heats.iter().filter_map(|heat| heat.run).chain(contest.runs.iter().copied()).collect();
        let [run] = Vec::from_iter(runs)[..] else { return Err("one key did not make one run".to_owned()) };
        let recent = RunFilter { limit: 10, ..RunFilter::default() };
        let rows = store.runs(recent).await.map_err(told)?;
        let named = rows.iter().filter(|row| row.key.as_deref() == Some(&*self.key())).count();
        let rest = at_rest(store, run).await.map_err(told)?;
        let facts = store.events(run, 0).await.map_err(told)?;
        let times = |is: fn(&Fact) -> bool| facts.iter().filter(|event| is(&event.fact)).count();
        let resumed = times(|fact| matches!(fact, Fact::RunResumed { .. }));
        let ended = times(|fact| matches!(fact, Fact::RunCompleted | Fact::RunCancelled));
        let model = match self.far {
            Far::Absent => Model::default(),
            Far::Begun => Model::begun(INPUT),
            Far::Asked => Model::asked(INPUT),
            Far::Approved => Model::approved(INPUT, ANSWER),
        };
        let started = contest.seen.iter().filter(|seen| seen.answer == Answer::Started).count();
        match () {
            () if named != 1 => Err(format!("{named} runs have the key")),
            () if resumed > 1 => Err(format!("the approval was taken {resumed} times")),
            () if ended > 1 => Err(format!("the run ended {ended} times")),
            () if started != contest.runs.len() => Err("a start gave no run".to_owned()),
            () if !explains(model, &contest.seen, &rest) => Err(format!("no order explains it; the run rests: {rest:?}")),
            () => Ok(()),
        }
    }
}

fn operation(rng: &mut Rng, who: u64) -> Operation {
    let request = |rng: &mut Rng| (rng.u8(..3) == 0).then(|| "the request".to_owned());
    match rng.u8(..10) {
        0 => Operation::Start(INPUT + rng.u64(..2)),
        1..5 => Operation::Resume(10 + who, request(rng)),
        5..9 => Operation::Signal(20 + who, request(rng)),
        _ => Operation::Cancel,
    }
}

/// Prints what was met. Where nothing races, nothing is shown.
pub(crate) fn told(who: &str, rounds: u64, took: Duration, count: &Count) {
    println!("{who}: {rounds} rounds of seed {} in {took:.1?}: {count:?}", seed());
    let of = |what: &str| count.get(what).copied().unwrap_or(0);
    assert!(of(OVERLAPPING) as u64 * 10 > rounds * 8, "the contenders do not meet");
    let answers = ["resume Done", "resume AlreadyResumed", "resume Withdrawn", "resume_as Done", "signal Done"];
    for answer in answers.into_iter().chain([
        "signal WrongStatus",
        "start Started",
        "start KeyConflict",
        "cancel Done",
        "cancel WrongStatus",
    ]) {
        assert!(of(answer) > 0, "nobody met {answer}");
    }
}

/// Waits until nothing moves in a run.
///
/// # Panics
/// When it is lost.
pub(crate) async fn at_rest(store: &(impl History + ?Sized), run: RunId) -> Result<Rest, Error> {
    let begun = Instant::now();
    loop {
        let row = store.run(run).await?.unwrap_or_else(|| panic!("run {run} is not there"));
        match row.status {
            RunStatus::Completed => {
                let output = row.output.ok_or_else(|| Error::new("it has no output"))?;
                return Ok(Rest::Completed(output.decode()?));
            }
            RunStatus::Cancelled => return Ok(Rest::Cancelled),
            RunStatus::Failed => return Err(row.error.unwrap_or_else(|| Error::new("it failed"))),
            RunStatus::Suspended => {
                let open: Vec<_> = store.suspensions(run).await?;
                let address = open.first().map_or("nothing", |open| open.address());
                let known = ["approval#0", "payment#0", "nothing"].into_iter().find(|known| *known == address);
                return Ok(Rest::Waits(known.unwrap_or("something else")));
            }
            RunStatus::Running if begun.elapsed() > PATIENCE => return Err(Error::new("nothing moves in the run: it is lost")),
            RunStatus::Running => sleep(Duration::from_millis(1)).await,
        }
    }
}
