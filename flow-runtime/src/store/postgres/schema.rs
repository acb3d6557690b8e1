//! The tables: how they are recognised and brought up to date.
//!
//! They lie in a schema of their own. Ids are `uuid`, times are milliseconds since 1970, and paths are places with their
//! visits, compared byte by byte. `flow_schema` says that the schema is ours and counts the migrations it has seen.
//!
//! | table | a row | lives |
//! |---|---|---|
//! | `runs` | a run: where it stands, who owns it. Small, since every transition writes it | until it is pruned |
//! | `bodies` | the input and the output of a run, apart so that a transition does not rewrite them | until it is pruned |
//! | `frames` | a machine: its place, and its small variables as bytes with a hash | until its place is left |
//! | `vals` | a large value, written once, with the path of the frame that wrote it | until nothing refers to it |
//! | `checkpoints` | a frame as it once was, or a place that was left, of a run that keeps them | until it is pruned |
//! | `events` | the facts of one record: `n` facts, the first has the number `first` | until it is pruned |
//! | `suspensions` | `open`, with what it shows; then only `answered` or `withdrawn`, to tell a late answer why | until it is pruned |
//! | `signals` | a signal, with the place it was given to | until that place is left |
//! | `requests` | a signal that named itself | until the run is pruned |
//! | `inbox` | an answer | until its place is left |
//! | `commits` | a transaction that has taken place | until its process has its answer, or for a day |
//! | `workers` | a process that drives runs, and until when it has its runs to itself | until it ends |
//!
//! What lies below a place has a path from `place/` up to, not including, `place0`, or, for the items of a place, from
//! `place[` on: in the index these lie in the one range from `place` up to `place\`.

use deadpool_postgres::{Client, Transaction};
use tokio_postgres::IsolationLevel;

use super::query::Fault;
use crate::error::Error;
use crate::store::refuse::store_error;

/// Each brings the schema from the version of its index to the next. Never change one that was released.
const MIGRATIONS: &[&str] = &[include_str!("version_1.sql")];

pub(super) const NEWEST: i32 = MIGRATIONS.len() as i32;

/// A number of our own, so that one process at a time brings a database up to date: `flow` in ASCII.
const LOCK: i64 = 0x666c_6f77;

/// Brings a schema up to date, and creates it if there is none.
pub(super) async fn migrate(client: &mut Client, schema: &str) -> Result<(), Fault> {
    // Looked at first, since a role that may only read and write tables is enough for a schema that is up to date.
    let transaction = client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await?;
    if version(&transaction, schema).await? == NEWEST {
        // What processes left behind that ended before they could ask.
        transaction.execute("DELETE FROM commits WHERE time < now() - interval '1 day'", &[]).await?;
        return Ok(transaction.commit().await?);
    }
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    // Read again, now that nobody else can change it: another process may just have done it.
    let done = version(&transaction, schema).await?;
    if done == 0 {
        let sql = format!(
            "CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE flow_schema (version integer NOT NULL);
             INSERT INTO flow_schema (version) VALUES (0)"
        );
        transaction.batch_execute(&sql).await?;
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or_default()) {
        transaction.batch_execute(migration).await?;
    }
    transaction.execute("UPDATE flow_schema SET version = $1", &[&NEWEST]).await?;
    Ok(transaction.commit().await?)
}

/// 0 for a schema that is not there, or is empty.
async fn version(transaction: &Transaction<'_>, schema: &str) -> Result<i32, Fault> {
    let sql = "SELECT count(*), count(*) FILTER (WHERE relname = 'flow_schema') FROM pg_class
               WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)";
    let row = transaction.query_one(sql, &[&schema]).await?;
    let (all, ours): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    if all == 0 {
        return Ok(0);
    }
    if ours == 0 {
        return Err(foreign(schema).into());
    }
    let version = transaction.query_one("SELECT version FROM flow_schema", &[]).await?.try_get(0)?;
    if version > NEWEST { Err(newer(schema, version).into()) } else { Ok(version) }
}

fn foreign(schema: &str) -> Error {
    store_error(format!("the schema `{schema}` belongs to another program; name another with `Postgres::options().schema(…)`"))
}

fn newer(schema: &str, version: i32) -> Error {
    store_error(format!("the schema `{schema}` is version {version}, this program knows only {NEWEST}; update the program"))
}
