//! Support for the tests of the workspace.

pub mod counting;
pub mod modes;
pub mod program;
pub mod recording;

/// The pages, whose Rust blocks are run as tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    struct Readme;
    #[doc = include_str!("../../docs/guide.md")]
    struct Guide;
    #[doc = include_str!("../../docs/runs.md")]
    struct Runs;
    #[doc = include_str!("../../docs/deploying.md")]
    struct Deploying;
    #[doc = include_str!("../../docs/durability.md")]
    struct Durability;
}
