//! On which store runs are kept, and how they are driven: a test that says neither is run in every mode.
//!
//! `FLOW_STORE` is `memory`, `postgres` or the folder of the SQLite files, `FLOW_DRIVEN` is `through`, `restored` or `parked`.
//! Where neither is set, runs are kept in memory and driven through.

use std::env;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::store::{Memory, Sqlite, Store};
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Builder, Runtime};

/// How runs are driven.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Driven {
    /// As a user would.
    Through,
    /// Dropped after each transition and gone on with as it is stored.
    Restored,
    /// Out of memory as soon as they wait: each timer and each answer finds a run that nobody drives.
    Parked,
}

impl Driven {
    /// What the environment says.
    ///
    /// # Panics
    /// When it says another word.
    pub fn now() -> Self {
        match env::var("FLOW_DRIVEN").as_deref() {
            Err(_) | Ok("through") => Self::Through,
            Ok("restored") => Self::Restored,
            Ok("parked") => Self::Parked,
            Ok(other) => panic!("`FLOW_DRIVEN` is `through`, `restored` or `parked`, not `{other}`"),
        }
    }
}

/// An empty store of its own.
///
/// # Panics
/// When there is none: no PostgreSQL on this machine, or no such folder.
pub async fn store() -> Arc<dyn Store> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    match env::var("FLOW_STORE").as_deref() {
        Err(_) | Ok("memory") => Arc::new(Memory::default()),
        Ok("postgres") => {
            let server = PostgresServer::shared().expect("PostgreSQL is installed");
            Arc::new(server.store().await.expect("the server answers"))
        }
        Ok(folder) => {
            let file = format!("{}-{}.db", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            Arc::new(Sqlite::open(Path::new(folder).join(file)).expect("`FLOW_STORE` is a folder"))
        }
    }
}

/// A runtime on a store of its own.
pub async fn runtime<A: Send + Sync + 'static>(app: A) -> Builder<A> {
    driven(Runtime::builder(app)).store(store().await)
}

/// The same runtime, driven as the environment says.
pub fn driven<A: Send + Sync + 'static>(builder: Builder<A>) -> Builder<A> {
    match Driven::now() {
        Driven::Through => builder,
        Driven::Restored => builder.reload_every_transition(true),
        Driven::Parked => builder.linger(Duration::ZERO),
    }
}
