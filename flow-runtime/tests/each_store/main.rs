//! The tests of runs once more, on the other stores: `machines::store` gives the one that a module here is named after.
#![allow(clippy::duplicate_mod, reason = "the same tests, on another store")]

#[cfg(all(feature = "postgres", unix))]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
