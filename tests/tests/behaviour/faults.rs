//! Runs on a store that fails: their results are those of runs without faults, and nothing is recorded twice.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flow_runtime::event::Fact;
use flow_runtime::store::Memory;
use flow_runtime::testing::Faulty;
use flow_runtime::{Durability, Error, Outcome, Provide, RunId, Runtime, StepContext, signal, step, suspend, workflow};
use futures::{StreamExt, stream};

/// What steps did, by the key they did it under. It stands for the world outside of the store.
#[derive(Clone, Default, Provide)]
struct App {
    ledger: Arc<Mutex<BTreeMap<String, Vec<u64>>>>,
}

type Ledger = Arc<Mutex<BTreeMap<String, Vec<u64>>>>;

#[step]
async fn work(value: u64, #[resource] ledger: &Ledger, #[context] cx: &StepContext) -> Result<u64, Infallible> {
    let made = value * 3 + 1;
    ledger.lock().expect("nothing panics with it").entry(cx.idempotency_key()).or_default().push(made);
    tokio::task::yield_now().await;
    Ok(made)
}

#[suspend(resume = bool)]
fn approval(total: u64) -> u64 {
    total
}

workflow! {
    Order<u64 -> u64>(n) {
        let mut total: u64 = work(n).await?;
        if n.is_multiple_of(3) {
            total += #[at(bonus)] work(total).await?;
        }
        let (left, right) = try_join!(#[at(left)] work(n + 1), #[at(right)] work(n + 2))?;
        total += left + right;
        let mut turn: u64 = 0;
        while turn < n % 4 {
            total += #[at(again)] work(turn).await?;
            turn += 1;
        }
        let parts = try_join_all!(0..4u64, |part| #[at(part)] work(part), limit = 2)?;
        total += parts.iter().sum::<u64>();
        let approved = approval(total).await?;
        let paid = signal::<u64>("payment").await?;
        Ok(if approved { total + paid } else { 0 })
    }
}

/// What a run gives, and how many steps it takes.
fn expected(n: u64) -> (u64, usize) {
    let work = |value: u64| value * 3 + 1;
    let mut total = work(n);
    if n.is_multiple_of(3) {
        total += work(total);
    }
    total += work(n + 1) + work(n + 2) + (0..n % 4).chain(0..4).map(work).sum::<u64>();
    (total + 5, 3 + usize::from(n.is_multiple_of(3)) + (n % 4) as usize + 4)
}

/// Until the store takes it: what a client does that names its request.
macro_rules! until_taken {
    ($call:expr) => {
        loop {
            match $call.await {
                Err(error) if Error::is_store(&error) => tokio::time::sleep(Duration::from_millis(5)).await,
                answer => break answer,
            }
        }
    };
}

async fn one_run(runtime: &Runtime<App>, n: u64, durability: Durability) -> Result<(RunId, u64), Error> {
    let run = until_taken!(runtime.start::<Order>(n).key(format!("order-{n}")).durability(durability))?;
    until_taken!(runtime.signal_as("pay", run.id(), "payment", &5_u64))?;
    loop {
        match until_taken!(run.outcome())? {
            Outcome::Suspended(pending) => {
                if let Ok(approval) = pending.one::<approval>() {
                    until_taken!(approval.resume_as("click", true))?;
                }
            }
            outcome => return Ok((run.id(), outcome.completed()?)),
        }
    }
}

async fn completed(runtime: &Runtime<App>, run: RunId) -> BTreeMap<String, usize> {
    let events = until_taken!(runtime.history().events(run, 0)).unwrap();
    let mut completed = BTreeMap::new();
    for event in events {
        if let Fact::StepCompleted { path } = event.fact {
            *completed.entry(path).or_default() += 1;
        }
    }
    completed
}

async fn with_faults(runs: u64, seed: u64, durability: Durability) {
    let store = Faulty::new(Memory::default(), seed).fails_before(0.05).fails_after(0.05).is_slow(0.05, Duration::from_millis(2));
    let app = App::default();
    let runtime = loop {
        let built = Runtime::builder(app.clone()).store(store.clone()).register::<Order>().build().await;
        if let Ok(runtime) = built {
            break runtime;
        }
    };
    let results: Vec<_> = stream::iter(0..runs).map(|n| one_run(&runtime, n, durability)).buffered(2_000).collect().await;
    let mut keys = BTreeSet::new();
    for (n, result) in (0..).zip(results) {
        let (run, output) = result.unwrap_or_else(|error| panic!("run {n} of seed {seed}: {error}"));
        let (wanted, steps) = expected(n);
        assert_eq!(output, wanted, "run {n} of seed {seed}");
        let completed = completed(&runtime, run).await;
        assert!(completed.values().all(|times| *times == 1), "run {n} of seed {seed} completed a place twice: {completed:?}");
        let prefix = format!("{run}/");
        let ledger = app.ledger.lock().unwrap();
        let worked: Vec<_> = ledger.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)).collect();
        assert_eq!(worked.len(), steps, "run {n} of seed {seed} did other steps: {worked:?}");
        for (key, made) in worked {
            assert!(made.iter().all(|value| *value == made[0]), "`{key}` stands for two things: {made:?}");
            assert!(keys.insert(key.clone()), "`{key}` belongs to two runs");
        }
    }
    let tried = app.ledger.lock().unwrap().values().map(Vec::len).sum::<usize>();
    println!(
        "{runs} runs, written by {}, seed {seed}: {} faults, {} steps, {tried} tries",
        durability.as_str(),
        store.faults(),
        keys.len()
    );
    assert!(store.faults() > runs, "the store was to fail");
}

/// `FLOW_SEED=17` draws the faults anew.
fn seed() -> u64 {
    std::env::var("FLOW_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_runs_end_as_without_faults() {
    with_faults(10_000, seed(), Durability::Transition).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_keep_back_end_as_without_faults() {
    with_faults(3_000, seed(), Durability::Suspend).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_go_on_when_the_store_was_down() {
    let store = Faulty::new(Memory::default(), 1);
    let runtime = Runtime::builder(App::default()).store(store.clone()).register::<Order>().build().await.unwrap();
    let down = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            store.set_down(true);
            tokio::time::sleep(Duration::from_millis(2_500)).await;
            store.set_down(false);
        }
    };
    let runs = stream::iter(0..200).map(|n| {
        let runtime = &runtime;
        async move {
            tokio::time::sleep(Duration::from_millis(n)).await;
            one_run(runtime, n, [Durability::Transition, Durability::Suspend][n as usize % 2]).await
        }
    });
    let (results, ()) = tokio::join!(runs.buffer_unordered(200).collect::<Vec<_>>(), down);
    assert_eq!(results.into_iter().filter(|result| result.is_ok()).count(), 200);
}
