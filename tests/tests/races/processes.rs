//! Processes: this test program some times more. Each is told by a line what to do, and tells by a line what it saw.

use std::process::Stdio;
use std::time::{Duration, Instant};

use flow_runtime::testing::PostgresServer;
use futures::future::join_all;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::contest::{Heat, Result as Contest};
use crate::place::{Place, seed};
use crate::round::{Count, Round, told};

const PLACE: &str = "FLOW_RACES_CHILD";
const PROCESSES: usize = 3;

/// What stands before a line that is meant for the other side.
const MARK: &str = "races:";

struct Process {
    _child: Child,
    tell: ChildStdin,
    hear: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn spawn(place: &Place) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("a test has a path"));
        command.args(["--exact", "processes::contends", "--nocapture"]);
        command.env(PLACE, serde_json::to_string(place).expect("a place is data"));
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("a process begins");
        let (tell, hear) = (child.stdin.take().expect("it is piped"), child.stdout.take().expect("it is piped"));
        Self { _child: child, tell, hear: BufReader::new(hear).lines() }
    }

    async fn ask(&mut self, heat: &Heat) -> Contest {
        let line = format!("{}\n", serde_json::to_string(heat).expect("a heat is data"));
        self.tell.write_all(line.as_bytes()).await.expect("the process lives");
        loop {
            let line = self.hear.next_line().await.expect("it can be read").expect("the process lives");
            // The harness writes the name of the test without ending the line.
            if let Some((_, line)) = line.split_once(MARK) {
                return serde_json::from_str(line).expect("it is what the process saw");
            }
        }
    }
}

/// Not a test: what a process does. Without a place it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contends() {
    let Ok(place) = std::env::var(PLACE) else { return };
    let place: Place = serde_json::from_str(&place).unwrap();
    let runtime = place.runtime(Duration::ZERO).await.unwrap();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let heat: Heat = serde_json::from_str(&line).unwrap();
        println!("{MARK}{}", serde_json::to_string(&heat.run(&runtime).await).unwrap());
    }
}

async fn processes(name: &str, place: Place, rounds: u64) {
    let (seed, begun) = (seed(), Instant::now());
    let store = place.open().await.unwrap();
    // It brings the runs to where they are to be, and so drives some of them: one process more.
    let runtime = place.runtime(Duration::ZERO).await.unwrap();
    let mut all: Vec<_> = (0..PROCESSES).map(|_| Process::spawn(&place)).collect();
    let mut count = Count::new();
    // Other rounds than those of the tasks.
    for nth in 10_000..10_000 + rounds {
        let round = Round::drawn(seed, nth);
        let heats = round.prepare(&runtime, PROCESSES).await.unwrap();
        let asked = all.iter_mut().zip(&heats).map(|(process, heat)| process.ask(heat));
        let (mut contest, answers) = (Contest::default(), join_all(asked).await);
        for answer in answers {
            contest.seen.extend(answer.seen);
            contest.runs.extend(answer.runs);
        }
        round.judge(&heats, &contest, &*store, &mut count).await.unwrap_or_else(|fault| panic!("processes, {name}: {fault}"));
    }
    told(&format!("processes, {name}"), rounds, begun.elapsed(), &count);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_race_for_one_run_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    processes("SQLite", Place::Sqlite(folder.path().join("flow.db")), 150).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_race_for_one_run_on_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    processes("PostgreSQL", Place::on(server, "processes"), 150).await;
}
