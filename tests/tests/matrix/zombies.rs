//! A process is frozen until its lease is over, another one takes up its run, and then it wakes: nothing that it still writes
//! is taken, and it begins nothing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flow_runtime::testing::PostgresServer;
use futures::{StreamExt, stream};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::child::{Place, Plan, Report, ended};
use crate::judge::{Stored, effects};
use crate::killing::{Blow, send};
use crate::kills::{Undisturbed, judge, run, said, undisturbed};

/// When the frozen process wakes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Wakes {
    /// While another one drives the run.
    AtTheTakeOver,
    /// When the run is over.
    AtTheEnd,
}

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) -> Result<(), String> {
    let begun = Instant::now();
    while !holds().await {
        if begun.elapsed() > PATIENCE {
            return Err(format!("{what}: that never came"));
        }
        sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}

/// How many of its writes were refused.
async fn zombie(nth: usize, wakes: Wakes, place: Place, file: PathBuf, expected: &Undisturbed) -> Result<usize, String> {
    let mark = file.with_extension("frozen");
    let blow = Some(Blow::Freeze { nth, mark: mark.clone() });
    let plan = Plan { place, effects: file, blow };
    let child = plan.spawn();
    let pid = child.id();
    let first = spawn_blocking(move || ended(child));
    until("it is frozen", async || mark.exists()).await?;
    let store = plan.place.open().await.map_err(|error| error.to_string())?;
    let stored = async || Stored::of(&*store).await.map_err(|error| error.to_string());
    let between = stored().await?;

    let other = Plan { blow: None, ..plan.clone() };
    let second = tokio::spawn(async move { run(&other).await });
    match wakes {
        Wakes::AtTheEnd => until("the other comes to the end", async || second.is_finished()).await?,
        Wakes::AtTheTakeOver => {
            // A run that was parked already is not taken over: its answer wakes it.
            let taken_over =
                async || second.is_finished() || stored().await.is_ok_and(|stored| stored.times("run.recovered") > 0);
            until("the other takes over", taken_over).await?;
        }
    }
    let begun = || effects(&plan.effects).iter().filter(|effect| effect.pid == pid).count();
    let before = begun();
    send("CONT", pid);
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    let after = stored().await?;

    let told = |error: String| format!("{error}\nafter: {after:?}\n{}\n{}", said(&first), said(&second));
    let report = Report::of(&first).ok_or_else(|| told("the zombie does not come to an end".to_owned()))?;
    // It may drive the run again, once the other one has put it to rest: with a new epoch, and never in the midst.
    let idle = wakes == Wakes::AtTheTakeOver || begun() == before;
    let spared = report.refused_late == 0 && after.times("run.recovered") > 0;
    if report.result != expected.report.result || report.taken_late > 0 || spared || !idle {
        return Err(told(format!("the zombie did something: {report:?}, {} steps", begun() - before)));
    }
    judge(expected, &between, &after, Report::of(&second), &effects(&plan.effects)).map_err(told)?;
    Ok(report.refused_late)
}

async fn zombies(name: &str, place: impl Fn(&str) -> Place) {
    let folder = tempfile::tempdir().unwrap();
    let expected = undisturbed(place("undisturbed"), folder.path()).await;
    let froze = (2..expected.report.records).step_by(8);
    let cases = froze.flat_map(|nth| [Wakes::AtTheTakeOver, Wakes::AtTheEnd].map(|wakes| (nth, wakes)));
    let cases = cases.map(|(nth, wakes)| {
        let name = format!("{wakes:?}_{nth}").to_lowercase();
        let (place, file, expected) = (place(&name), Path::join(folder.path(), &name), &expected);
        async move { zombie(nth, wakes, place, file, expected).await.map_err(|error| format!("{name}: {error}")) }
    });
    let refused: Vec<_> = stream::iter(cases).buffer_unordered(8).collect().await;
    let (zombies, failed): (usize, Vec<_>) = (refused.len(), refused.iter().filter_map(|case| case.as_ref().err()).collect());
    assert!(failed.is_empty(), "{name}: {} of {zombies} failed, the first is {}", failed.len(), failed[0]);
    let refused = refused.iter().flatten().sum::<usize>();
    assert!(refused >= zombies, "{name}: {refused} writes of {zombies} zombies were refused");
    println!("{name}: {zombies} zombies, {refused} of their writes refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_process_wakes_in_vain_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    zombies("SQLite", |case| Place::Sqlite(folder.path().join(format!("{case}.db")))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_process_wakes_in_vain_on_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    zombies("PostgreSQL", |case| Place::on(server, format!("zombie_{case}"))).await;
}
