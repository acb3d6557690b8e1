//! The signals of a run: kept in order, given to the places that wait for them.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{Bits, Json, Text};
use super::runs::{Waits, end_wait, status};
use super::transition::append;
use super::writer::Stop;
use crate::event::Fact;
use crate::run::RunId;
use crate::store::{Committed, Refused, is_at_or_below};

pub(super) fn send(
    connection: &Connection,
    run: RunId,
    name: &str,
    payload: &serde_json::Value,
    request: Option<String>,
    now: SystemTime,
) -> Result<Committed, Stop> {
    let status = status(connection, run)?;
    if let Some(request) = &request {
        let sql = "SELECT 1 FROM requests WHERE run = ? AND request = ?";
        if connection.prepare_cached(sql)?.exists(params![Text(run), request])? {
            return Ok(Committed::Done);
        }
    }
    if status.is_final() {
        return Err(Refused::WrongStatus(status).into());
    }
    if let Some(request) = request {
        let sql = "INSERT INTO requests (run, request) VALUES (?, ?)";
        connection.prepare_cached(sql)?.execute(params![Text(run), request])?;
    }
    let sql = "INSERT INTO signals (run, seq, name, payload)
               VALUES (?1, ifnull((SELECT max(seq) FROM signals WHERE run = ?1), 0) + 1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute(params![Text(run), name, Json(payload)])?;
    append(connection, run, &[], now)?;
    give(connection, run, now)?;
    Ok(Committed::Done)
}

/// Gives the signals that are kept to the places that wait for them: the oldest to the one that waits longest.
pub(super) fn give(connection: &Connection, run: RunId, now: SystemTime) -> Result<(), Stop> {
    let sql = "SELECT seq, name, signals.payload, suspensions.path
               FROM signals JOIN suspensions ON suspensions.run = ?1 AND state = 'open' AND signal = name
               WHERE signals.run = ?1 AND signals.path IS NULL ORDER BY suspensions.rowid, seq LIMIT 1";
    loop {
        let row = connection
            .prepare_cached(sql)?
            .query_row([Text(run)], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, String>(3)?)));
        let Some((Bits(seq), name, Json(payload), path)) = row.optional()? else { return Ok(()) };
        end_wait(connection, run, &path, Waits::Signal, &payload)?;
        let sql = "UPDATE signals SET path = ?3 WHERE run = ?1 AND seq = ?2";
        connection.prepare_cached(sql)?.execute(params![Text(run), Bits(seq), path])?;
        append(connection, run, &[Fact::SignalReceived { path, signal: name }], now)?;
    }
}

/// A place takes its signal with it; what only lay with a place below is kept again. Gives whether the run has signals at all.
pub(super) fn leave(connection: &Connection, run: RunId, place: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT seq, path FROM signals WHERE run = ?";
    let mut signals = connection.prepare_cached(sql)?;
    let signals = signals.query_map([Text(run)], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)))?;
    let signals = signals.collect::<rusqlite::Result<Vec<_>>>()?;
    for (Bits(seq), path) in &signals {
        let sql = match path {
            Some(path) if path == place => "DELETE FROM signals WHERE run = ? AND seq = ?",
            Some(path) if is_at_or_below(path, place) => "UPDATE signals SET path = NULL WHERE run = ? AND seq = ?",
            _ => continue,
        };
        connection.prepare_cached(sql)?.execute(params![Text(run), Bits(*seq)])?;
    }
    Ok(!signals.is_empty())
}
