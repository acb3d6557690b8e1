//! A run is killed at every record that it writes, before, after, and after it was told; another process goes on, and it ends
//! as if nothing had happened.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Instant;

use flow_runtime::RunStatus;
use flow_runtime::testing::PostgresServer;
use futures::{StreamExt, stream};
use tokio::task::spawn_blocking;

use crate::child::{Place, Plan, Report, ended};
use crate::judge::{Effect, Stored, done_again, effects, no_key_is_shared};
use crate::killing::{Blow, Moment};

/// How many cases are under way: most of the time of each goes by while a lease runs out.
const AT_ONCE: usize = 8;

/// The limit of the join, which is wider than any other.
const STEPS_AT_ONCE: usize = 4;

/// The run that nothing disturbs.
pub(crate) struct Undisturbed {
    pub(crate) report: Report,
    stored: Stored,
    done: BTreeSet<(String, String)>,
}

fn done(effects: &[Effect]) -> BTreeSet<(String, String)> {
    effects.iter().map(|effect| (effect.key.clone(), effect.unit.clone())).collect()
}

pub(crate) async fn run(plan: &Plan) -> Output {
    let plan = plan.clone();
    spawn_blocking(move || ended(plan.spawn())).await.unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub(crate) async fn undisturbed(place: Place, folder: &Path) -> Undisturbed {
    let plan = Plan { place, effects: folder.join("undisturbed"), blow: None };
    let output = run(&plan).await;
    let report = Report::of(&output).unwrap_or_else(|| panic!("{}", said(&output)));
    let effects = effects(&plan.effects);
    no_key_is_shared(&effects).unwrap();
    let stored = Stored::read(&plan.place).await.unwrap();
    assert_eq!(done_again(&effects, &Stored::default(), &stored, 0), Ok(0));
    assert_eq!((stored.status, stored.left_over), (Some(RunStatus::Completed), 0), "{stored:?}");
    let steps = done(&effects);
    assert_eq!(steps.len(), 25, "the steps of the workflow: {steps:?}");
    Undisturbed { report, stored, done: steps }
}

/// What became of one case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    /// Killed; so many steps were done again.
    Killed(usize),
    /// It wrote fewer records than the undisturbed run, and came to its end.
    NotReached,
}

/// Kills a process, lets another go on, and judges.
async fn one(blow: Blow, place: Place, effects_file: PathBuf, expected: &Undisturbed) -> Result<Fate, String> {
    let plan = Plan { place, effects: effects_file, blow: Some(blow) };
    let first = run(&plan).await;
    match first.status.signal() {
        None if Report::of(&first).is_some() => return Ok(Fate::NotReached),
        Some(9) => {}
        _ => return Err(format!("the first process ended otherwise: {}", said(&first))),
    }
    let between = Stored::read(&plan.place).await.map_err(|error| error.to_string())?;
    let second = run(&Plan { blow: None, ..plan.clone() }).await;
    let after = Stored::read(&plan.place).await.map_err(|error| error.to_string())?;
    judge(expected, &between, &after, Report::of(&second), &effects(&plan.effects))
        .map_err(|error| format!("{error}\nbetween: {between:?}\nafter: {after:?}\n{}\n{}", said(&first), said(&second)))
}

pub(crate) fn judge(
    expected: &Undisturbed,
    between: &Stored,
    after: &Stored,
    report: Option<Report>,
    effects: &[Effect],
) -> Result<Fate, String> {
    let report = report.ok_or("the second process does not bring it to its end")?;
    if report.result != expected.report.result {
        return Err(format!("the result is {}, and undisturbed it is {}", report.result, expected.report.result));
    }
    no_key_is_shared(effects)?;
    if done(effects) != expected.done {
        return Err(format!("other things were done: {:?}", done(effects)));
    }
    if after.lasting() != expected.stored.lasting() {
        return Err("the events differ".to_owned());
    }
    if (after.status, after.left_over) != (Some(RunStatus::Completed), 0) {
        return Err("something is left over".to_owned());
    }
    done_again(effects, between, after, STEPS_AT_ONCE).map(Fate::Killed)
}

/// Every record and every moment; of the records every `stride`th.
async fn matrix(name: &str, stride: usize, place: impl Fn(&str) -> Place) {
    let (folder, begun) = (tempfile::tempdir().unwrap(), Instant::now());
    let expected = undisturbed(place("undisturbed"), folder.path()).await;
    let records = expected.report.records;
    let kills = (1..=records).step_by(stride).flat_map(|nth| Moment::ALL.map(|moment| (nth, moment)));
    let cases = kills.map(|(nth, moment)| {
        let name = format!("{moment:?}_{nth}").to_lowercase();
        let (place, effects, expected) = (place(&name), folder.path().join(&name), &expected);
        async move { (name, one(Blow::Kill { nth, moment }, place, effects, expected).await) }
    });
    let fates: Vec<_> = stream::iter(cases).buffer_unordered(AT_ONCE).collect().await;
    let failed: Vec<_> = fates.iter().filter_map(|(kill, fate)| fate.as_ref().err().map(|error| (kill, error))).collect();
    for (kill, error) in failed.iter().take(3) {
        eprintln!("{name}, {kill}: {error}\n");
    }
    assert!(failed.is_empty(), "{name}: {} of {} cases failed", failed.len(), fates.len());
    let again: usize =
        fates.iter().filter_map(|(_, fate)| if let Ok(Fate::Killed(again)) = fate { Some(again) } else { None }).sum();
    let missed = fates.iter().filter(|(_, fate)| matches!(fate, Ok(Fate::NotReached))).count();
    let (cases, took) = (fates.len(), begun.elapsed());
    println!("{name}: {records} records, {cases} kills, {missed} not reached, {again} steps done again, in {took:.0?}");
    assert!(missed * 20 <= cases, "{missed} of {cases} moments never came");
    assert!(again > 0, "no step was under way at any kill: the matrix sees nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_record_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    matrix("SQLite", 1, |case| Place::Sqlite(folder.path().join(format!("{case}.db")))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_record_on_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    matrix("PostgreSQL", 1, |case| Place::on(server, case)).await;
}
