//! What a step costs: a workflow driven without a store, beside the same steps awaited by hand. Each sample makes
//! 1,000 steps, so a microsecond in the table is a nanosecond a step.
//!
//! ```sh
//! cargo bench -p tests --bench steps
//! ```

use std::convert::Infallible;
use std::hint::black_box;

use flow_runtime::store::Memory;
use flow_runtime::{Error, Runtime, step, workflow};

const STEPS: u32 = 1_000;

#[step]
async fn add(n: u32) -> Result<u32, Infallible> {
    Ok(black_box(n + 1))
}

#[step]
async fn append(text: &str, n: u32) -> Result<u32, Infallible> {
    Ok(black_box(n + text.len() as u32))
}

workflow! {
    /// A small state: one number.
    Count<u32 -> u32>(mut n) {
        while n < STEPS {
            n = add(n).await?;
        }
        Ok(n)
    }
}

workflow! {
    /// A state of 256 bytes: ten strings beside the number.
    Carry<Vec<String> -> u32>(texts) {
        let fixed: [String; 10] = std::array::from_fn(|at| texts[at].clone());
        let mut n: u32 = 0;
        while n < STEPS {
            n = append(&fixed[3], n).await?;
        }
        Ok(n + fixed.len() as u32)
    }
}

async fn count_by_hand(mut n: u32) -> Result<u32, Error> {
    while n < STEPS {
        n = add(n).await?;
    }
    Ok(n)
}

async fn carry_by_hand(texts: Vec<String>) -> Result<u32, Error> {
    let fixed: [String; 10] = std::array::from_fn(|at| texts[at].clone());
    let mut n: u32 = 0;
    while n < STEPS {
        n = append(&fixed[3], n).await?;
    }
    Ok(n + fixed.len() as u32)
}

fn texts() -> Vec<String> {
    vec!["x".to_owned(); 10]
}

fn executor() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

fn main() {
    divan::main();
}

#[divan::bench]
fn small_by_hand(bencher: divan::Bencher<'_, '_>) {
    let executor = executor();
    bencher.bench_local(|| executor.block_on(count_by_hand(black_box(0))));
}

#[divan::bench]
fn small_workflow(bencher: divan::Bencher<'_, '_>) {
    let executor = executor();
    bencher.bench_local(|| executor.block_on(Count::run(&(), black_box(0))).completed());
}

#[divan::bench]
fn ten_strings_by_hand(bencher: divan::Bencher<'_, '_>) {
    let executor = executor();
    bencher.bench_local(|| executor.block_on(carry_by_hand(texts())));
}

#[divan::bench]
fn ten_strings_workflow(bencher: divan::Bencher<'_, '_>) {
    let executor = executor();
    bencher.bench_local(|| executor.block_on(Carry::run(&(), texts())).completed());
}

#[divan::bench(sample_count = 20)]
fn small_workflow_stored_in_memory(bencher: divan::Bencher<'_, '_>) {
    let executor = executor();
    bencher.bench_local(|| {
        executor.block_on(async {
            let runtime = Runtime::builder(()).store(Memory::default()).register::<Count>().build().await?;
            runtime.start::<Count>(0).await?.outcome().await?.completed()
        })
    });
}
