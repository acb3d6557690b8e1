//! What tests of an application use.

mod clock;
mod crashes;
pub(crate) mod fake;
mod faulty;
mod lock;
#[cfg(all(feature = "postgres", unix))]
mod postgres;
mod schema;

pub use clock::Clock;
pub use crashes::{AtRest, Crashes, Moment, crashes};
pub use fake::{Fake, Fakeable, StandIn, fake};
pub use faulty::Faulty;
pub use lock::{LockError, assert_resumable, check_resumable};
#[cfg(all(feature = "postgres", unix))]
pub use postgres::PostgresServer;
