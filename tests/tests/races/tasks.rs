//! Tasks of one process.

use std::time::{Duration, Instant};

use flow_runtime::testing::PostgresServer;

use crate::place::{Place, seed};
use crate::round::{Count, Round, told};

async fn tasks(name: &str, place: Place, rounds: u64) {
    let (seed, begun) = (seed(), Instant::now());
    let store = place.open().await.unwrap();
    let runtime = place.runtime(Duration::from_millis(1)).await.unwrap();
    let mut count = Count::new();
    for nth in 0..rounds {
        let round = Round::drawn(seed, nth);
        let heats = round.prepare(&runtime, 1).await.unwrap();
        let contest = heats[0].run(&runtime).await;
        round.judge(&heats, &contest, &*store, &mut count).await.unwrap_or_else(|fault| panic!("tasks, {name}: {fault}"));
    }
    told(&format!("tasks, {name}"), rounds, begun.elapsed(), &count);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_race_for_one_run_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    tasks("SQLite", Place::Sqlite(folder.path().join("flow.db")), 400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_race_for_one_run_on_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    tasks("PostgreSQL", Place::on(server, "tasks"), 300).await;
}
