//! What tests of an application use.

mod clock;
mod lock;
mod schema;

pub use clock::Clock;
pub use lock::{LockError, assert_resumable, check_resumable};
