//! Runs that are over are deleted, with all they left behind.

use std::time::SystemTime;

use rusqlite::{Connection, params};

use super::columns::{Millis, Text};
use super::writer::Stop;
use crate::run::RunId;
use crate::store::Committed;

const TABLES: [&str; 9] = ["events", "checkpoints", "frames", "vals", "suspensions", "signals", "requests", "inbox", "bodies"];

pub(super) const OVER: &str =
    "SELECT run FROM runs INDEXED BY runs_over WHERE (status = 'completed' OR status = 'cancelled' OR status = 'failed') AND changed < ?1
     AND (?2 OR status <> 'failed') ORDER BY changed, run LIMIT ?3";

pub(super) fn prune(connection: &Connection, before: SystemTime, failed: bool, limit: usize) -> Result<Committed, Stop> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut over = connection.prepare_cached(OVER)?;
    let over = over.query_map(params![Millis(before), failed, limit], |row| row.get(0))?;
    let over = over.collect::<rusqlite::Result<Vec<Text<RunId>>>>()?;
    for run in &over {
        for table in TABLES {
            connection.prepare_cached(&format!("DELETE FROM {table} WHERE run = ?"))?.execute([run])?;
        }
        connection.prepare_cached("DELETE FROM runs WHERE run = ?")?.execute([run])?;
    }
    Ok(Committed::Pruned(over.len() as u64))
}
