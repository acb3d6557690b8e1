//! What a transition costs in each store: one run alone, which waits for each commit, and 64 runs, which share them; and the
//! same for runs that write only when they wait or end.
//! PostgreSQL flushes to the disk as it does by default.
//!
//! ```sh
//! FLOW_PG_OPTIONS="-c fsync=on" cargo bench -p tests --bench stores
//! ```

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use flow_runtime::store::{Memory, Sqlite, Store};
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Durability, Runtime, step, workflow};
use futures::future::join_all;

const STEPS: u32 = 300;

#[step]
async fn add(n: u32) -> Result<u32, Infallible> {
    Ok(n + 1)
}

workflow! {
    Count<u32 -> u32>(mut n) {
        while n < STEPS {
            n = add(n).await?;
        }
        Ok(n)
    }
}

/// Milliseconds a transition of one run, and transitions a second of 64.
async fn measure(name: &str, store: impl Store) {
    let store: Arc<dyn Store> = Arc::new(store);
    for durability in [Durability::Transition, Durability::Suspend] {
        measure_each(name, &store, durability).await;
    }
}

async fn measure_each(name: &str, store: &Arc<dyn Store>, durability: Durability) {
    let runtime = Runtime::builder(()).store(Arc::clone(store)).register::<Count>().build().await.unwrap();
    let drive = async |runs: u32| {
        let begin = Instant::now();
        let start = || runtime.start::<Count>(0).durability(durability);
        let runs = join_all((0..runs).map(|_| async { start().await.unwrap().outcome().await.unwrap() })).await;
        begin.elapsed().as_secs_f64() / (runs.len() as f64 * f64::from(STEPS))
    };
    drive(8).await;
    let (alone, shared) = (drive(1).await * 1000.0, 1.0 / drive(64).await);
    println!(
        "{name:<10} written by {:<10} alone {alone:.3} ms a transition; 64 runs {shared:.0} transitions/s",
        durability.as_str()
    );
}

#[tokio::main]
async fn main() {
    measure("memory", Memory::default()).await;
    let folder = tempfile::tempdir().unwrap();
    measure("sqlite", Sqlite::open(folder.path().join("flow.db")).unwrap()).await;
    if let Some(server) = PostgresServer::shared() {
        measure("postgres", server.store().await.unwrap()).await;
    }
}
