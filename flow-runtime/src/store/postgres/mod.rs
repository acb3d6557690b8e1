//! Runs in a PostgreSQL database, which several processes on several machines may use at once.
//!
//! A batch is one transaction of two round trips: the runs it names are locked in the order of their ids and read, every
//! record is judged, then everything is written by one statement a table. Where another transaction was in the way, it is
//! done again.
//!
//! # Durability
//! A commit is answered when the server says that it is durable, which is up to its `synchronous_commit`. When the
//! connection is lost before the answer, the server is asked what became of the transaction.

mod columns;
mod commit;
mod group;
mod load;
mod query;
mod read;
mod run;
mod schema;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, NoTls, Socket};

use self::commit::Writer;
use self::query::Fault;
use super::refuse::store_error;
use super::{
    Claim, Committed, FrameBytes, History, InboxRow, Record, Refused, RunFilter, RunRow, Store, SuspensionRow, TimerRow, ValueId,
    WorkerId,
};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::event::Event;
use crate::run::RunId;
use crate::store::Checkpoint;

/// How long a connection may take to be made, or to become free.
const CONNECT: Duration = Duration::from_secs(5);

/// What our sessions run with.
///
/// All statements look rows up by an index, and are planned once, when a young table still looks small: the planner
/// must not choose to read it whole. A process that is frozen in the middle of a transaction holds what others wait
/// for, so its session is ended.
const SETTINGS: &str = "-c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off -c enable_hashjoin=off \
                        -c enable_mergejoin=off -c idle_in_transaction_session_timeout=5000 -c lock_timeout=10000";

/// A store in a PostgreSQL database, version 12 or newer. Clones share its connections.
///
/// The tables are made, and brought up to date, when it is opened.
///
/// ```no_run
/// use flow_runtime::store::Postgres;
///
/// # async fn open() -> Result<(), flow_runtime::Error> {
/// let store = Postgres::connect("postgres://app:secret@db.internal/app").await?;
/// # Ok(())
/// # }
/// ```
///
/// # TLS
/// [`connect`](Self::connect) does without. [`PostgresOptions::connect_with`] takes a connector of your choice, as
/// `tokio_postgres` does.
///
/// # Poolers
/// Each connection is a session with settings and prepared statements of its own, so a pooler in between must pool
/// sessions, not transactions.
#[derive(Clone)]
pub struct Postgres(Arc<Inner>);

struct Inner {
    readers: Pool,
    /// With connections of its own: what a thousand callers ask must not hold up what one writes, a lease above all.
    writer: Writer,
    /// For messages.
    name: String,
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Postgres").field(&self.0.name).finish()
    }
}

/// How a [`Postgres`] store is opened.
#[derive(Clone, Debug)]
#[must_use = "options do nothing until `connect` is called"]
pub struct PostgresOptions {
    schema: String,
    connections: usize,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { schema: "flow".to_owned(), connections: 8 }
    }
}

impl PostgresOptions {
    /// Sets the schema that the tables lie in; `flow`, if you do not. Its name is of lower-case letters, digits and `_`.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Sets how many connections there are at most; 8, if you do not, and 2 at least. Half of them read, half write.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(2);
        self
    }

    /// Connects without TLS.
    ///
    /// # Errors
    /// As [`connect_with`](Self::connect_with).
    pub async fn connect(self, url: &str) -> Result<Postgres, Error> {
        self.connect_with(url, NoTls).await
    }

    /// Connects with a TLS connector. The URL is what `tokio_postgres::Config` reads, a URL or `key=value` pairs.
    ///
    /// # Errors
    /// When the URL cannot be read, nobody answers there, the role may not create the tables, or they were written by a
    /// newer version.
    pub async fn connect_with<T>(self, url: &str, tls: T) -> Result<Postgres, Error>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let schema = self.schema;
        if !is_plain(&schema) {
            return Err(store_error(format!("`{schema}` cannot name a schema; use lower-case letters, digits and `_`")));
        }
        let config = url.parse::<Config>().map_err(|error| store_error("cannot read the database URL").caused_by(&error))?;
        let name = format!("the schema `{schema}` of the database `{}`", config.get_dbname().unwrap_or_default());
        let config = with_settings(config, &schema);
        let pool = |size| {
            let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
            let manager = Manager::from_config(config.clone(), tls.clone(), manager);
            let pool = Pool::builder(manager).max_size(size).runtime(Runtime::Tokio1);
            let pool = pool.wait_timeout(Some(CONNECT)).create_timeout(Some(CONNECT)).build();
            pool.map_err(|error| store_error("cannot begin a pool of connections").caused_by(&error))
        };
        let (readers, writers) = (pool(self.connections.div_ceil(2))?, pool((self.connections / 2).max(1))?);
        let store = Postgres(Arc::new(Inner { readers, writer: Writer::new(writers), name }));
        let migrate = async { schema::migrate(&mut store.0.readers.get().await?, &schema).await };
        migrate.await.map_err(|fault| store.0.failure("open", &fault))?;
        Ok(store)
    }
}

fn is_plain(schema: &str) -> bool {
    let plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    (1..=63).contains(&schema.len()) && schema.chars().all(plain) && !schema.starts_with(|first: char| first.is_ascii_digit())
}

fn with_settings(mut config: Config, schema: &str) -> Config {
    let given = config.get_options().unwrap_or_default();
    let options = format!("{given} -c search_path={schema} {SETTINGS}");
    config.options(options);
    if config.get_application_name().is_none() {
        config.application_name("flow");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    config
}

impl Postgres {
    /// Connects without TLS, with the schema `flow`.
    ///
    /// # Errors
    /// When the URL cannot be read, nobody answers there, the role may not create the tables, or they were written by a
    /// newer version.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::options().connect(url).await
    }

    /// How to connect.
    pub fn options() -> PostgresOptions {
        PostgresOptions::default()
    }

    fn read<'a, T, F>(&'a self, read: impl FnOnce(Client) -> F + Send + 'a) -> BoxFuture<'a, Result<T, Error>>
    where
        F: Future<Output = Result<T, Fault>> + Send,
    {
        async move {
            let client = self.0.readers.get().await.map_err(|error| self.0.failure("read", &error.into()))?;
            read(client).await.map_err(|fault| self.0.failure("read", &fault))
        }
        .boxed()
    }
}

impl Inner {
    fn failure(&self, doing: &str, fault: &Fault) -> Error {
        let name = &self.name;
        match fault {
            Fault::Stored(error) => error.clone(),
            Fault::Pool(error) => store_error(format!("cannot {doing} {name}: {error}")),
            Fault::Unknown => store_error(format!(
                "the connection to {name} was lost during a commit, and the server does not say what became of it"
            )),
            Fault::Sql(error) => match error.as_db_error() {
                Some(told) => store_error(format!("cannot {doing} {name}: {}", told.message())),
                None => store_error(format!("cannot {doing} {name}")).caused_by(error),
            },
        }
    }
}

impl Store for Postgres {
    fn commit(&self, batch: Vec<Record>) -> BoxFuture<'_, Vec<Result<Committed, Refused>>> {
        let store = Arc::clone(&self.0);
        let records = batch.len();
        async move {
            // As a task: the caller may go, and what it asked for is written all the same.
            let work = tokio::spawn(async move {
                let failed = |fault: &Fault| Refused::Store(store.failure("write", fault));
                store.writer.commit(&batch, failed).await
            });
            let failed = || Refused::Store(store_error(format!("the task that wrote to {} has stopped", self.0.name)));
            work.await.unwrap_or_else(|_| (0..records).map(|_| Err(failed())).collect())
        }
        .boxed()
    }
}

impl History for Postgres {
    fn runs(&self, filter: RunFilter) -> BoxFuture<'_, Result<Vec<RunRow>, Error>> {
        self.read(move |client| async move { read::runs(&client, filter).await })
    }

    fn run(&self, run: RunId) -> BoxFuture<'_, Result<Option<RunRow>, Error>> {
        self.read(move |client| async move { read::run(&client, run).await })
    }

    fn frames(&self, run: RunId) -> BoxFuture<'_, Result<FrameBytes, Error>> {
        self.read(move |client| async move { read::frames(&client, run).await })
    }

    fn values(&self, run: RunId) -> BoxFuture<'_, Result<Vec<(ValueId, Encoded)>, Error>> {
        self.read(move |client| async move { read::values(&client, run).await })
    }

    fn events(&self, run: RunId, from: u64) -> BoxFuture<'_, Result<Vec<Event>, Error>> {
        self.read(move |client| async move { read::events(&client, run, from).await })
    }

    fn suspensions(&self, run: RunId) -> BoxFuture<'_, Result<Vec<SuspensionRow>, Error>> {
        self.read(move |client| async move { read::suspensions(&client, run).await })
    }

    fn timers(&self, limit: usize) -> BoxFuture<'_, Result<Vec<TimerRow>, Error>> {
        self.read(move |client| async move { read::timers(&client, limit).await })
    }

    fn inbox(&self, run: RunId) -> BoxFuture<'_, Result<Vec<InboxRow>, Error>> {
        self.read(move |client| async move { read::inbox(&client, run).await })
    }

    fn checkpoints(&self, run: RunId) -> BoxFuture<'_, Result<Vec<Checkpoint>, Error>> {
        self.read(move |client| async move { read::checkpoints(&client, run).await })
    }

    fn owned(&self, worker: WorkerId) -> BoxFuture<'_, Result<Vec<Claim>, Error>> {
        self.read(move |client| async move { read::owned(&client, worker).await })
    }
}
