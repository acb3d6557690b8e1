//! Where the runs are kept, and with what a process drives them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flow_runtime::store::sqlite::Synchronous;
use flow_runtime::store::{Postgres, Sqlite, Store};
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Error, Runtime, signal, suspend, workflow};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Postgres { url: String, schema: String },
}

impl Place {
    /// A schema of its own.
    pub(crate) fn on(server: &PostgresServer, schema: impl Into<String>) -> Self {
        Self::Postgres { url: server.url(), schema: schema.into() }
    }

    /// A power failure is no part of this, so nothing waits for the disk.
    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, Error> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(Sqlite::options().synchronous(Synchronous::Normal).open(path)?),
            Self::Postgres { url, schema } => Arc::new(Postgres::options().schema(schema).connections(3).connect(url).await?),
        })
    }

    pub(crate) async fn runtime(&self, linger: Duration) -> Result<Runtime<()>, Error> {
        let builder = Runtime::builder(()).store(self.open().await?).linger(linger);
        builder.register::<Purchase>().build().await
    }
}

#[suspend(resume = u64)]
pub(crate) fn approval(sum: u64) -> u64 {
    sum
}

workflow! {
    /// An answer, then a signal.
    pub(crate) Purchase<u64 -> Vec<u64>>(sum) {
        let approved = approval(sum).await?;
        let paid = #[at(payment)] signal::<u64>("payment").await?;
        Ok(vec![sum, approved, paid])
    }
}

/// The seed of everything that is drawn. `FLOW_SEED=17` draws anew.
pub(crate) fn seed() -> u64 {
    std::env::var("FLOW_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7)
}
