//! Statements, many of them on their way at once.

use std::borrow::Cow;

use deadpool_postgres::{Client, PoolError};
use futures::future::join_all;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::error::Error;

/// A statement with its values.
pub(super) struct Query {
    sql: Cow<'static, str>,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Query {
    pub(super) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    /// The next of its values.
    pub(super) fn with(mut self, value: impl ToSql + Sync + Send + 'static) -> Self {
        self.values.push(Box::new(value));
        self
    }

    /// Shows its plan instead of being run.
    #[cfg(test)]
    pub(super) fn explained(self) -> Self {
        Self { sql: format!("EXPLAIN {}", self.sql).into(), ..self }
    }

    async fn send(&self, client: &Client) -> Result<Vec<Row>, Fault> {
        let statement = client.prepare_cached(&self.sql).await?;
        let values: Vec<_> = self.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        Ok(client.query(&statement, &values).await?)
    }
}

/// Runs one statement.
pub(super) async fn one(client: &Client, query: Query) -> Result<Vec<Row>, Fault> {
    query.send(client).await
}

/// Runs statements in their order, all sent before the first is answered. Gives the rows of each, or the first error.
pub(super) async fn all(client: &Client, queries: &[Query]) -> Result<Vec<Vec<Row>>, Fault> {
    // Prepared before any is sent: preparing waits for an answer, and would let another go first.
    for query in queries {
        client.prepare_cached(&query.sql).await?;
    }
    join_all(queries.iter().map(|query| Box::pin(query.send(client)))).await.into_iter().collect()
}

/// Why a statement gave nothing.
#[derive(Debug)]
pub(super) enum Fault {
    Pool(PoolError),
    Sql(tokio_postgres::Error),
    /// What is stored cannot be read.
    Stored(Error),
    /// The connection was lost during a commit, and nobody could tell what became of it.
    Unknown,
}

impl Fault {
    /// Whether the connection is gone, and with it the transaction.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Sql(error) => match error.code() {
                // The server shut down or crashed, or ended a session that did nothing in its transaction.
                Some(code) => {
                    let codes = [
                        &SqlState::ADMIN_SHUTDOWN,
                        &SqlState::CRASH_SHUTDOWN,
                        &SqlState::CANNOT_CONNECT_NOW,
                        &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                    ];
                    codes.contains(&code)
                }
                None => error.is_closed() || error.source_is_io(),
            },
            Self::Pool(_) | Self::Stored(_) | Self::Unknown => false,
        }
    }

    /// Whether the same transaction may well succeed when it is done again: another one was in its way.
    pub(super) fn is_conflict(&self) -> bool {
        let Self::Sql(error) = self else { return false };
        let codes = [&SqlState::T_R_SERIALIZATION_FAILURE, &SqlState::T_R_DEADLOCK_DETECTED, &SqlState::UNIQUE_VIOLATION];
        error.code().is_some_and(|code| codes.contains(&code))
    }

    /// Whether PostgreSQL refused a statement for what it says.
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Sql(_) => !self.is_lost(),
            Self::Stored(_) => true,
            Self::Pool(_) | Self::Unknown => false,
        }
    }
}

trait SourceIsIo {
    fn source_is_io(&self) -> bool;
}

impl SourceIsIo for tokio_postgres::Error {
    fn source_is_io(&self) -> bool {
        std::error::Error::source(self).is_some_and(|source| source.is::<std::io::Error>())
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Sql(error),
            error => Self::Pool(error),
        }
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Stored(error)
    }
}
