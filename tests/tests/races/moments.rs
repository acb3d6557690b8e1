//! An answer or a signal that comes at any moment: before a place waits, while it opens, while it parks, and after.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use flow_runtime::event::Fact;
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Error, RunId, RunStatus, Runtime};
use futures::{StreamExt, stream};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::model::Rest;
use crate::place::{NOTES, Notes, Place, Turns, seed};
use crate::round::at_rest;

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

const RUNS: u64 = 50;
const TURNS: u64 = 100;

const NOTED: u64 = 200;

type Count = BTreeMap<&'static str, usize>;

/// Two that drive runs on one store: one parks a run at once, the other a little later.
struct Two([Runtime<()>; 2]);

impl Two {
    async fn on(place: &Place) -> Self {
        let [now, later] = [Duration::ZERO, Duration::from_millis(1)];
        Self([place.runtime(now).await.unwrap(), place.runtime(later).await.unwrap()])
    }

    fn any(&self, rng: &mut Rng) -> &Runtime<()> {
        &self.0[rng.usize(..2)]
    }
}

/// No time at all, some microseconds or some milliseconds.
async fn a_while(rng: &mut Rng) {
    let (begun, short) = (Instant::now(), Duration::from_micros(rng.u64(..400)));
    match rng.u8(..3) {
        0 => {}
        1 => sleep(Duration::from_millis(rng.u64(1..4))).await,
        // A timer counts in milliseconds.
        _ => {
            while begun.elapsed() < short {
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Plays many runs side by side and adds up what they met.
async fn count<F: Future<Output = Result<Count, String>>>(name: &str, runs: u64, play: impl Fn(Rng) -> F) -> Count {
    let (seed, begun) = (seed(), Instant::now());
    let all = (0..runs).map(|nth| {
        let played = play(Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(nth)));
        async move {
            let again = format!("again: FLOW_SEED={seed} cargo test -p tests --test races");
            played.await.unwrap_or_else(|fault| panic!("{name}, run {nth} of seed {seed}: {fault}\n{again}"))
        }
    });
    let all: Vec<_> = stream::iter(all).buffer_unordered(16).collect().await;
    let mut sum = Count::new();
    all.into_iter().flatten().for_each(|(what, times)| *sum.entry(what).or_default() += times);
    println!("{name}: seed {seed}, in {:.1?}: {sum:?}", begun.elapsed());
    sum
}

/// Sends one answer until it is taken; how often it was refused.
async fn resume(two: &Two, run: RunId, turn: u64, answer: u64, rng: &mut Rng) -> Result<usize, String> {
    let (begun, address) = (Instant::now(), format!("approval#{turn}"));
    let mut refused = 0;
    loop {
        match two.any(rng).resume(run, &address, json!(answer)).await {
            Ok(()) => return Ok(refused),
            Err(error) if error.is_not_suspended() && begun.elapsed() < PATIENCE => refused += 1,
            Err(error) => return Err(format!("`{address}` after {refused} refusals: {error}")),
        }
        a_while(rng).await;
    }
}

async fn resumed(two: &Two, mut rng: Rng) -> Result<Count, String> {
    let told = |error: Error| error.to_string();
    let run = two.any(&mut rng).start::<Turns>(TURNS).await.map_err(told)?.id();
    let (mut count, mut sent) = (Count::new(), Vec::new());
    for turn in 0..TURNS {
        a_while(&mut rng).await;
        let answer = rng.u64(..);
        let refused = resume(two, run, turn, answer, &mut rng).await?;
        sent.push(answer);
        *count.entry(if refused > 0 { "refused, then taken" } else { "taken" }).or_default() += 1;
        *count.entry("refusals").or_default() += refused;
        if rng.u8(..4) == 0 {
            let again = two.any(&mut rng).resume(run, &format!("approval#{turn}"), json!(0)).await;
            if !again.as_ref().is_err_and(Error::is_already_resumed) {
                return Err(format!("turn {turn} is answered twice: {again:?}"));
            }
            *count.entry("sent twice").or_default() += 1;
        }
    }
    let store = two.0[0].history();
    let rest = at_rest(store, run).await.map_err(told)?;
    if rest != Rest::Completed(sent.clone()) {
        return Err(format!("{sent:?} was sent, and the run rests: {rest:?}"));
    }
    let (mut parked, mut resumed) = (false, 0);
    for event in store.events(run, 0).await.map_err(told)? {
        match event.fact {
            Fact::StepSuspended { .. } => parked = false,
            Fact::RunSuspended => parked = true,
            Fact::RunResumed { .. } => {
                resumed += 1;
                *count.entry(if parked { "parked" } else { "open" }).or_default() += 1;
            }
            _ => {}
        }
    }
    if resumed == TURNS { Ok(count) } else { Err(format!("{resumed} answers are recorded")) }
}

async fn resumes(name: &str, place: Place) {
    let two = Two::on(&place).await;
    let sum = count(&format!("resumes, {name}"), RUNS, |rng| resumed(&two, rng)).await;
    assert_eq!(sum["taken"] + sum["refused, then taken"], (RUNS * TURNS) as usize);
    for met in ["taken", "refused, then taken", "open", "parked", "sent twice"] {
        assert!(sum[met] > 0, "no answer was {met}");
    }
}

/// What a signal meets if it is sent now.
async fn met(two: &Two, run: RunId) -> Result<&'static str, Error> {
    let store = two.0[0].history();
    let row = store.run(run).await?.ok_or_else(|| Error::new("the run is not there"))?;
    Ok(match row.status {
        RunStatus::Suspended => "parked",
        RunStatus::Running if store.suspensions(run).await?.is_empty() => "before it waits",
        RunStatus::Running => "open",
        _ => "over",
    })
}

async fn noted(two: &Two, mut rng: Rng) -> Result<Count, String> {
    let told = |error: Error| error.to_string();
    let run = two.any(&mut rng).start::<Notes>(rng.u64(..3)).await.map_err(told)?.id();
    let mut count = Count::new();
    let mut sent = Vec::new();
    for _ in 0..NOTES {
        if rng.u8(..4) == 0 {
            at_rest(two.0[0].history(), run).await.map_err(told)?;
        }
        a_while(&mut rng).await;
        // To look takes time: some are sent without it.
        if rng.bool() {
            *count.entry(met(two, run).await.map_err(told)?).or_default() += 1;
        }
        sent.push(rng.u64(..));
        two.any(&mut rng).signal(run, "note", &sent[sent.len() - 1]).await.map_err(told)?;
    }
    // One more than it takes.
    a_while(&mut rng).await;
    let kept = match two.any(&mut rng).signal(run, "note", &0).await {
        Ok(()) => "kept for nobody",
        Err(error) if error.is_wrong_status() => "refused at the end",
        Err(error) => return Err(error.to_string()),
    };
    *count.entry(kept).or_default() += 1;
    let rest = at_rest(two.0[0].history(), run).await.map_err(told)?;
    if rest != Rest::Completed(sent.clone()) {
        return Err(format!("{sent:?} was sent, and the run rests: {rest:?}"));
    }
    let late = two.any(&mut rng).signal(run, "note", &0).await;
    let lost = two.any(&mut rng).signal(RunId::new(), "note", &0).await;
    match (late, lost) {
        (Err(late), Err(lost)) if late.is_wrong_status() && lost.is_unknown_run() => Ok(count),
        other => Err(format!("a signal to a run that is over, and to none: {other:?}")),
    }
}

async fn signals(name: &str, place: Place) {
    let two = Two::on(&place).await;
    let play = |rng| {
        let noted = timeout(2 * PATIENCE, noted(&two, rng));
        async { noted.await.unwrap_or_else(|_| Err("it hangs".to_owned())) }
    };
    let sum = count(&format!("signals, {name}"), NOTED, play).await;
    for met in ["before it waits", "open", "parked", "kept for nobody", "refused at the end"] {
        assert!(sum.contains_key(met), "no signal came {met}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_at_any_moment_is_taken_or_refused_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    resumes("SQLite", Place::Sqlite(folder.path().join("flow.db"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_at_any_moment_is_taken_or_refused_on_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    resumes("PostgreSQL", Place::on(server, "answers")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_at_any_moment_is_not_lost_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    signals("SQLite", Place::Sqlite(folder.path().join("flow.db"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_at_any_moment_is_not_lost_on_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    signals("PostgreSQL", Place::on(server, "signals")).await;
}
