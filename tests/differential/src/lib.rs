//! Random bodies, each compiled twice: as a workflow, and as the plain async fn it reads like. `generate/` writes them,
//! `build.rs` puts them into one file, `tests/differential.rs` runs them by what is here.

#![allow(missing_docs, unreachable_pub, reason = "what the bodies name; nobody else does")]

pub mod compare;
pub mod log;
pub mod nodes;
pub mod order;
pub mod plain;
#[allow(dead_code, reason = "the generator uses the rest of it")]
mod random;
pub mod ways;
mod work;

/// A body, as the generator tells of it.
#[derive(Debug)]
pub struct Body {
    /// What it was generated from.
    pub seed: u64,
    /// As it is written.
    pub source: &'static str,
    /// The machine of each site.
    pub sites: &'static [u32],
    /// The parent of each machine, whether a failing sibling may cut it off, and whether there are many of it, one for
    /// each item; the body's own first.
    pub machines: &'static [(u32, bool, bool)],
    /// The sites that stand at the head of a side of a branch.
    pub sides: &'static [u32],
}
