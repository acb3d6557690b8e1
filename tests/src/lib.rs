//! Support for the tests of the workspace.

pub mod recording;
