//! How what is kept and what it costs grows: bytes by steps done, the time to resume by steps done, the time to start and the
//! memory by runs that wait. On SQLite, flushed as the operating system sees fit.
//!
//! ```sh
//! cargo bench -p tests --bench growth
//! ```

use std::convert::Infallible;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use flow_runtime::store::Sqlite;
use flow_runtime::store::sqlite::Synchronous;
use flow_runtime::{Runtime, Workflow, step, suspend, workflow};
use futures::StreamExt;
use tests::counting::Counting;

const FEW: u32 = 1_000;
const MANY: u32 = 100_000;
/// How often a time is taken; the median is printed.
const TIMES: usize = 21;

#[step]
async fn add(n: u32) -> Result<u32, Infallible> {
    Ok(n + 1)
}

#[step]
async fn research(letters: usize) -> Result<String, Infallible> {
    Ok("x".repeat(letters))
}

#[step]
async fn length(text: &str) -> Result<usize, Infallible> {
    Ok(text.len())
}

#[suspend(resume = u32)]
fn question(n: u32) -> u32 {
    n
}

workflow! {
    /// Nothing is kept but a number.
    Tiny<u32 -> u32>(steps) {
        let mut n: u32 = 0;
        while n < steps {
            n = add(n).await?;
        }
        Ok(n)
    }
}

workflow! {
    /// A long text is kept from the first step to the last.
    Large<u32 -> usize>(steps) {
        let text = research(100_000).await?;
        let mut n: u32 = 0;
        while n < steps {
            n = add(n).await?;
        }
        let length = length(&text).await?;
        Ok(length)
    }
}

workflow! {
    /// So many steps, then one question after the other.
    Asks<u32 -> u32>(steps) {
        let mut n: u32 = 0;
        while n < steps {
            n = add(n).await?;
        }
        let mut asked: u32 = 0;
        while asked < 1_000 {
            asked += question(asked).await?;
        }
        Ok(n)
    }
}

fn open(file: &Path) -> Sqlite {
    Sqlite::options().synchronous(Synchronous::Normal).open(file).unwrap()
}

async fn runtime(file: &Path) -> Runtime<()> {
    Runtime::builder(()).store(open(file)).linger(Duration::ZERO).register::<Asks>().build().await.unwrap()
}

/// Bytes of states and events that one run gives to the store.
async fn bytes<W: Workflow<(), Input = u32>>(folder: &Path, steps: u32) -> u64 {
    let store = Counting::new(open(&folder.join(format!("{}-{steps}.db", W::INFO.name))));
    let runtime = Runtime::builder(()).store(store.clone()).register::<W>().build().await.unwrap();
    runtime.start::<W>(steps).await.unwrap().outcome().await.unwrap().completed().unwrap();
    runtime.shutdown().await.unwrap();
    store.bytes()
}

async fn written<W: Workflow<(), Input = u32>>(folder: &Path, name: &str) {
    let mut before = (0, 0);
    for steps in [10, 100, 1_000, 10_000] {
        let bytes = bytes::<W>(folder, steps).await;
        let each = (bytes - before.1) as f64 / f64::from(steps - before.0);
        println!("{name:<28} {steps:>7} steps  {bytes:>9} bytes  {each:>8.0} for each step more");
        before = (steps, bytes);
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// From an answer to the next question: the run is parked before, loaded, driven and parked again.
async fn resuming(folder: &Path, steps: u32) -> Duration {
    let runtime = runtime(&folder.join(format!("resume-{steps}.db"))).await;
    let run = runtime.start::<Asks>(steps).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..=TIMES {
        let pending = run.outcome().await.unwrap().suspended().unwrap();
        let begin = Instant::now();
        pending.one::<question>().unwrap().resume(1).await.unwrap();
        run.outcome().await.unwrap().suspended().unwrap();
        times.push(begin.elapsed());
    }
    runtime.shutdown().await.unwrap();
    median(times.split_off(1))
}

/// Leaves so many runs parked in a file.
async fn park(file: &Path, runs: u32) {
    let runtime = runtime(file).await;
    let start = |_| async { runtime.start::<Asks>(0).await.unwrap().outcome().await.unwrap().suspended().unwrap() };
    futures::stream::iter(0..runs).map(start).buffer_unordered(256).for_each(|_| async {}).await;
    runtime.shutdown().await.unwrap();
}

/// From nothing to the first answer of a run that it starts.
async fn starting(file: &Path) -> Duration {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let begin = Instant::now();
        let runtime = runtime(file).await;
        runtime.start::<Asks>(0).await.unwrap().outcome().await.unwrap().suspended().unwrap();
        times.push(begin.elapsed());
        runtime.shutdown().await.unwrap();
    }
    median(times)
}

/// What a process of its own takes, in KiB, that has opened the file and started a run.
fn memory(file: &Path) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap()).env("FLOW_GROWTH_FILE", file).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

async fn look(file: &Path) {
    let runtime = runtime(file).await;
    runtime.start::<Asks>(1).await.unwrap().outcome().await.unwrap().suspended().unwrap();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    println!("{}", line.trim().trim_end_matches(" kB"));
    runtime.shutdown().await.unwrap();
}

fn flat(name: &str, few: f64, many: f64, unit: &str) {
    let verdict = if many <= 1.5 * few { "flat" } else { "NOT FLAT" };
    println!("{name:<28} {few:>9.2} {unit}, then {many:>9.2} {unit}: {:.2} times, {verdict}", many / few);
}

#[tokio::main]
async fn main() {
    if let Some(file) = std::env::var_os("FLOW_GROWTH_FILE") {
        return look(Path::new(&file)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    written::<Tiny>(folder.path(), "a number").await;
    written::<Large>(folder.path(), "100,000 letters, kept").await;

    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    let none = millis(resuming(folder.path(), 0).await);
    for steps in [100, 1_000, MANY] {
        let time = millis(resuming(folder.path(), steps).await);
        flat(&format!("resume after {steps} steps"), none, time, "ms");
    }

    let (few, many) = (folder.path().join("few.db"), folder.path().join("many.db"));
    park(&few, FEW).await;
    park(&many, MANY).await;
    for (file, runs) in [(&few, FEW), (&many, MANY)] {
        let size = fs::metadata(file).unwrap().len();
        println!("{runs:>7} parked runs           {size:>9} bytes  {:>8} for each run", size / u64::from(runs));
    }
    flat("start beside parked runs", millis(starting(&few).await), millis(starting(&many).await), "ms");
    flat("memory beside parked runs", memory(&few) as f64 / 1024.0, memory(&many) as f64 / 1024.0, "MiB");
}
