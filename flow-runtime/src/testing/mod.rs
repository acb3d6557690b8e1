//! What tests of an application use.

mod lock;
mod schema;

pub use lock::{LockError, assert_resumable, check_resumable};
