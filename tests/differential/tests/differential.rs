//! Runs each body in every way and compares, then shows how often each shape was met.
//!
//! `cargo test -p differential -- seed_17` runs one body.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use differential::Body;
use differential::compare::{Seen, compare};
use differential::ways::Ways;

/// A body, and how to run it.
type Entry = (&'static Body, fn() -> Ways);

include!(concat!(env!("OUT_DIR"), "/bodies.rs"));

/// How often each shape must be met by the default seeds.
const LEAST: u32 = 20;

fn main() {
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let wanted = |body: &Body| filter.as_ref().is_none_or(|filter| format!("seed_{}", body.seed) == *filter);
    let bodies: Vec<_> = BODIES.iter().filter(|(body, _)| wanted(body)).collect();
    let (next, failed, seen) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let workers = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((body, ways)) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match run(body, &ways()) {
                        Ok(found) => seen.lock().expect("nobody panics here").push(found),
                        Err(error) => failed.lock().expect("nobody panics here").push((body.seed, error)),
                    }
                }
            });
        }
    });
    let (failed, seen) = (failed.into_inner().expect("no panic"), seen.into_inner().expect("no panic"));
    for (_, error) in &failed {
        println!("{error}\n");
    }
    let rare = if filter.is_none() { table(&seen) } else { Vec::new() };
    if !failed.is_empty() {
        let seeds: Vec<_> = failed.iter().map(|(seed, _)| seed).collect();
        println!("{} of {} bodies differ: {seeds:?}; keep them in tests/differential/seeds.txt", failed.len(), bodies.len());
    }
    if !failed.is_empty() || (IS_DEFAULT && !rare.is_empty()) {
        std::process::exit(1);
    }
    println!("{} bodies behave as the plain async fns they read like", bodies.len());
}

/// One body, on a thread and a runtime of its own; a panic in it is a difference.
fn run(body: &'static Body, ways: &Ways) -> Result<Seen, String> {
    let compared = std::panic::catch_unwind(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts");
        let within = std::time::Duration::from_secs(60);
        runtime.block_on(async { tokio::time::timeout(within, compare(body, ways)).await })
    });
    match compared {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(format!("seed {} does not end\n{}", body.seed, body.source)),
        Err(_) => Err(format!("seed {} panics\n{}", body.seed, body.source)),
    }
}

/// Shows what was met; gives the shapes that are too rare.
fn table(seen: &[Seen]) -> Vec<&'static str> {
    println!("{:<32}{:>6}", "shape", "met");
    for (shape, count) in SHAPES {
        println!("{shape:<32}{count:>6}");
    }
    let sum = |of: fn(&Seen) -> usize| seen.iter().map(of).sum::<usize>();
    let sides: usize = BODIES.iter().map(|(body, _)| body.sides.len()).sum();
    println!(
        "{} inputs, {} of {sides} sides of branches met, {} states gone on from, {} drops at random places",
        sum(|seen| seen.inputs),
        sum(|seen| seen.sides),
        sum(|seen| seen.states),
        sum(|seen| seen.drops),
    );
    let rare: Vec<_> = SHAPES.iter().filter(|(_, count)| *count < LEAST).map(|(shape, _)| *shape).collect();
    if !rare.is_empty() {
        println!("met less than {LEAST} times: {rare:?}");
    }
    rare
}
