//! Writes the bodies: those of the default seeds and of `seeds.txt`, or of the range in `FLOW_SEEDS`.

mod generate;
#[path = "src/random.rs"]
mod random;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// How many bodies there are without `FLOW_SEEDS`, not counting the kept ones.
const DEFAULT: u64 = 300;

fn main() {
    println!("cargo::rerun-if-env-changed=FLOW_SEEDS");
    println!("cargo::rerun-if-changed=seeds.txt");
    println!("cargo::rerun-if-changed=generate");
    println!("cargo::rerun-if-changed=src/random.rs");
    println!("cargo::rerun-if-changed=build.rs");
    let asked = env::var("FLOW_SEEDS").ok();
    let seeds = asked.as_deref().map_or_else(default, range);
    let bodies: Vec<_> = seeds.iter().map(|seed| (*seed, generate::body(*seed))).collect();
    let mut file = String::new();
    for (seed, body) in &bodies {
        body.write(*seed, &mut file);
    }
    let all: String = seeds.iter().map(|seed| format!("    (&w{seed}::BODY, w{seed}::ways as fn() -> Ways),\n")).collect();
    writeln!(file, "const BODIES: &[Entry] = &[\n{all}];").expect("a string takes it");
    let counts: String = generate::SHAPES
        .iter()
        .map(|shape| {
            let count: u32 = bodies.iter().filter_map(|(_, body)| body.shapes.get(shape)).sum();
            format!("    ({shape:?}, {count}),\n")
        })
        .collect();
    writeln!(file, "const SHAPES: &[(&str, u32)] = &[\n{counts}];").expect("a string takes it");
    writeln!(file, "const IS_DEFAULT: bool = {};", asked.is_none()).expect("a string takes it");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("bodies.rs"), file).expect("the bodies can be written");
}

/// The default seeds, and those that once failed.
fn default() -> Vec<u64> {
    let kept = fs::read_to_string("seeds.txt").expect("the kept seeds can be read");
    let kept = kept.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| !word.starts_with('#'));
    let mut seeds: Vec<_> = kept.map(|seed| seed.parse().expect("a seed is a number")).collect();
    seeds.extend(0..DEFAULT);
    seeds.sort_unstable();
    seeds.dedup();
    seeds
}

/// `1000..2000`, or one seed.
fn range(text: &str) -> Vec<u64> {
    let number = |text: &str| text.trim().parse().expect("FLOW_SEEDS is `1000..2000`, or one seed");
    match text.split_once("..") {
        Some((from, to)) => (number(from)..number(to)).collect(),
        None => vec![number(text)],
    }
}
