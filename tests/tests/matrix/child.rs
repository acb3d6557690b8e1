//! The process that drives a run: this test program once more, told by its environment what to do.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flow_runtime::store::{Postgres, Sqlite, Store, WaitsFor};
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Error, Outcome, Pending, Run, RunStatus, Runtime};
use serde::{Deserialize, Serialize};

use crate::killing::{Blow, Killing};
use crate::parcel::{App, Inner, Parcel, approval};

/// Long enough that a busy machine does not lose it by chance.
pub(crate) const LEASE: Duration = Duration::from_millis(1_000);

/// Longer than any child takes.
const PATIENCE: Duration = Duration::from_secs(60);

const PLAN: &str = "FLOW_MATRIX_CHILD";

/// Where runs are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres { url: String, schema: String },
}

impl Place {
    /// A schema of its own.
    pub(crate) fn on(server: &PostgresServer, schema: impl Into<String>) -> Self {
        Self::Postgres { url: server.url(), schema: schema.into() }
    }

    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, Error> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(Sqlite::open(path)?),
            Self::Postgres { url, schema } => Arc::new(Postgres::options().schema(schema).connections(3).connect(url).await?),
        })
    }
}

/// What a child is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) place: Place,
    pub(crate) effects: PathBuf,
    pub(crate) blow: Option<Blow>,
}

impl Plan {
    /// Begins a process that brings the run to its end, or to its own.
    pub(crate) fn spawn(&self) -> Child {
        let mut command = Command::new(std::env::current_exe().expect("a test has a path"));
        command.args(["--exact", "child::drives_a_run", "--nocapture"]);
        command.env(PLAN, serde_json::to_string(self).expect("a plan is data"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a child begins")
    }
}

/// Waits until a child has ended; one that hangs is killed, and its output says so.
pub(crate) fn ended(mut child: Child) -> Output {
    let begun = Instant::now();
    while child.try_wait().expect("a child can be waited for").is_none() {
        if begun.elapsed() > PATIENCE {
            eprintln!("a child hangs");
            child.kill().expect("a child can be killed");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().expect("a child has output")
}

/// What a child that came to the end of the run says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) result: String,
    /// How many records changed the run.
    pub(crate) records: usize,
    /// How many of them came after it was frozen and were taken, or refused.
    pub(crate) taken_late: usize,
    pub(crate) refused_late: usize,
}

impl Report {
    pub(crate) fn of(output: &Output) -> Option<Self> {
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().find_map(|line| serde_json::from_str(line).ok())
    }
}

/// Not a test: what a child does. Without a plan it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drives_a_run() {
    let Ok(plan) = std::env::var(PLAN) else { return };
    let plan: Plan = serde_json::from_str(&plan).unwrap();
    let store = Killing::new(plan.place.open().await.unwrap(), plan.blow.clone());
    let seen = Arc::clone(&store.seen);
    let builder = Runtime::builder(App::new(&plan.effects)).store(store).lease(LEASE).linger(Duration::ZERO);
    let runtime = builder.register::<Parcel>().register::<Inner>().build().await.unwrap();
    let result = to_the_end(&runtime).await.unwrap();
    // The run may be over before the frozen write is answered.
    while matches!(plan.blow, Some(Blow::Freeze { .. })) && seen.late() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let count = |counted: &AtomicUsize| counted.load(Ordering::SeqCst);
    let (taken_late, refused_late) = (count(&seen.taken_late), count(&seen.refused_late));
    let report = Report { result, records: count(&seen.counted), taken_late, refused_late };
    println!("\n{}", serde_json::to_string(&report).unwrap());
}

/// Starts the run or finds it, and does what people and other programs would: each request has a name, so that doing it again
/// does nothing.
async fn to_the_end(runtime: &Runtime<App>) -> Result<String, Error> {
    let run = runtime.start::<Parcel>(4).key("the parcel").await?;
    runtime.signal_as("the address", run.id(), "address", &"12 Elm Street").await?;
    loop {
        match run.outcome().await? {
            Outcome::Suspended(pending) => {
                until_parked(&run).await?;
                answer(runtime, &run, &pending).await?;
            }
            outcome => return outcome.completed(),
        }
    }
}

/// So that each run is parked as often as the other.
async fn until_parked(run: &Run<Parcel>) -> Result<(), Error> {
    while run.status().await? == RunStatus::Running {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

async fn answer(runtime: &Runtime<App>, run: &Run<Parcel>, pending: &Pending) -> Result<(), Error> {
    for open in pending.all::<approval>() {
        let sum = open.payload()?;
        open.resume_as("the click", sum + 1).await?;
    }
    let payment = |waits_for: &WaitsFor| matches!(waits_for, WaitsFor::Signal { name } if name == "payment");
    if pending.iter().any(|row| payment(&row.waits_for)) {
        runtime.signal_as("the payment", run.id(), "payment", &20_u64).await?;
    }
    Ok(())
}
