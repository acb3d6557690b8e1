//! What a workflow costs to compile: one table, for bodies of 10, 50 and 200 nodes.
//!
//! ```sh
//! cargo run --release -p compile-cost                 # all of it, some minutes
//! cargo run --release -p compile-cost -- expansion    # the macro alone
//! ```
//!
//! A crate is rebuilt while all it depends on is warm, without incremental compilation. A time is the processor's, the least of
//! several. `over plain` compares with the same bodies as async fns; `net` does so after the time of a crate without a body is
//! taken off both.

#![allow(dead_code, reason = "of the sources of the macros only `workflow!` is measured")]

extern crate proc_macro;

mod bodies;
mod crates;

#[path = "../../../flow-macros/src/check/mod.rs"]
mod check;
#[path = "../../../flow-macros/src/diagnostic.rs"]
mod diagnostic;
#[path = "../../../flow-macros/src/drawn.rs"]
mod drawn;
#[path = "../../../flow-macros/src/expand/mod.rs"]
mod expand;
#[path = "../../../flow-macros/src/graph/mod.rs"]
mod graph;
#[path = "../../../flow-macros/src/node/mod.rs"]
mod node;
#[path = "../../../flow-macros/src/runtime_path.rs"]
mod runtime_path;
#[path = "../../../flow-macros/src/syntax/mod.rs"]
mod syntax;
#[path = "../../../flow-macros/src/workflow.rs"]
mod workflow;

use std::time::{Duration, Instant};

use bodies::Kind;
use crates::Crates;

const SIZES: [usize; 3] = [10, 50, 200];
const KINDS: [Kind; 2] = [Kind::Linear, Kind::Mixed];
/// How many of the same are in a crate.
const COPIES: usize = 1;

fn main() -> std::io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        None => table(),
        Some("expansion") => {
            KINDS.iter().for_each(|kind| SIZES.iter().chain(&[250]).for_each(|nodes| expansion_line(*kind, *nodes)));
            Ok(())
        }
        Some(other) => Err(std::io::Error::other(format!("`{other}` is unknown; write `expansion`, or nothing"))),
    }
}

/// How long the macro takes for a body, and how many lines it makes of it.
fn expansion(kind: Kind, nodes: usize) -> (Duration, usize) {
    let tokens: proc_macro2::TokenStream = bodies::workflow(kind, nodes, "W").parse().expect("a generated body is Rust");
    let mut times: Vec<_> = (0..9)
        .map(|_| {
            let (tokens, start) = (tokens.clone(), Instant::now());
            let expanded = workflow::expand(tokens);
            let time = start.elapsed();
            drop(expanded);
            time
        })
        .collect();
    times.sort();
    let file = syn::parse2(workflow::expand(tokens)).expect("an expansion is Rust");
    (times[4], prettyplease::unparse(&file).lines().count())
}

fn expansion_line(kind: Kind, nodes: usize) {
    let (time, lines) = expansion(kind, nodes);
    println!("{:>6} {nodes:>5} nodes   expansion {:>7.2} ms   {lines:>6} lines", kind.name(), millis(time));
}

fn table() -> std::io::Result<()> {
    let crates = Crates::new()?;
    println!("{COPIES} bodies a crate; times in ms; the expansion is of one body\n");
    println!("| body | nodes | expansion | lines | check | plain | over plain | net | build | plain | over plain | net |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for kind in KINDS {
        let empty = [true, false].map(|as_workflow| crates.write(kind, 10, 0, as_workflow));
        let [of_workflow, of_plain] = empty;
        let (of_workflow, of_plain) = (of_workflow?, of_plain?);
        let none =
            ["check", "build"].map(|command| Ok::<_, std::io::Error>((of_workflow.time(command)?, of_plain.time(command)?)));
        let [none_checked, none_built] = none;
        let (none_checked, none_built) = (none_checked?, none_built?);
        for nodes in SIZES {
            let (time, lines) = expansion(kind, nodes);
            let (workflow, plain) = (crates.write(kind, nodes, COPIES, true)?, crates.write(kind, nodes, COPIES, false)?);
            let checked = (workflow.time("check")?, plain.time("check")?);
            let built = (workflow.time("build")?, plain.time("build")?);
            println!(
                "| {} | {nodes} | {:.2} | {lines} | {} | {} |",
                kind.name(),
                millis(time),
                columns(checked, none_checked),
                columns(built, none_built)
            );
        }
    }
    Ok(())
}

fn columns((workflow, plain): (Duration, Duration), none: (Duration, Duration)) -> String {
    let over = |workflow, plain| millis(workflow) / millis(plain).max(1.0);
    let net = over(workflow.saturating_sub(none.0), plain.saturating_sub(none.1));
    format!("{:.0} | {:.0} | {:.1} | {net:.1}", millis(workflow), millis(plain), over(workflow, plain))
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
