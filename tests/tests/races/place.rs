//! Where the runs are kept, and with what a process drives them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use flow_runtime::store::sqlite::Synchronous;
use flow_runtime::store::{Postgres, Sqlite, Store};
use flow_runtime::testing::PostgresServer;
use flow_runtime::{Error, Runtime, signal, step, suspend, workflow};
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
        builder.register::<Purchase>().register::<Turns>().register::<Notes>().build().await
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

workflow! {
    /// As many answers as are asked for.
    pub(crate) Turns<u64 -> Vec<u64>>(turns) {
        let mut all: Vec<u64> = Vec::new();
        while (all.len() as u64) < turns {
            let answer = approval(turns).await?;
            all.push(answer);
        }
        Ok(all)
    }
}

/// Takes some milliseconds, in which nobody waits.
#[step]
async fn think(millis: u64) -> Result<(), Error> {
    if millis > 0 {
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
    Ok(())
}

/// How many signals a run takes.
pub(crate) const NOTES: u64 = 4;

workflow! {
    /// Some signals.
    pub(crate) Notes<u64 -> Vec<u64>>(millis) {
        let mut all: Vec<u64> = Vec::new();
        while (all.len() as u64) < NOTES {
            think(millis).await?;
            let note = signal::<u64>("note").await?;
            all.push(note);
        }
        Ok(all)
    }
}

/// The seed of everything that is drawn. `FLOW_SEED=17` draws anew.
pub(crate) fn seed() -> u64 {
    std::env::var("FLOW_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7)
}
