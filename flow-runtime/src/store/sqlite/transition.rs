//! What the holder of a run writes: transitions and notes.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, params};

use super::checkpoints::Checkpoints;
use super::columns::{Bits, Blob, Json, Millis, Text};
use super::signals;
use super::writer::Stop;
use crate::event::Fact;
use crate::run::{RunId, RunStatus};
use crate::store::refuse::opened_before;
use crate::store::{Committed, End, FrameRow, Opening, Refused, Transition, WaitsFor};

/// A run whose holder may write.
pub(super) struct Held {
    pub(super) inbox_seq: u64,
    recoveries: u32,
    /// The number of the next checkpoint, if it keeps them.
    checkpoints: Option<i64>,
}

/// Checks that the holder of this epoch may still write.
pub(super) fn hold(connection: &Connection, run: RunId, epoch: u64) -> Result<Held, Stop> {
    let sql = "SELECT epoch, status, inbox_seq, recoveries, checkpoints FROM runs WHERE run = ?";
    let found = connection.prepare_cached(sql)?.query_row([Text(run)], |row| {
        let Bits(inbox_seq) = row.get(2)?;
        Ok((row.get(0)?, row.get(1)?, Held { inbox_seq, recoveries: row.get(3)?, checkpoints: row.get(4)? }))
    });
    let (Bits(owned), Text(status), held): (_, Text<RunStatus>, _) = found.optional()?.ok_or(Refused::UnknownRun)?;
    if owned == epoch && status == RunStatus::Running { Ok(held) } else { Err(Refused::Fenced.into()) }
}

/// Numbers facts and keeps them; gives the first number.
pub(super) fn append(connection: &Connection, run: RunId, facts: &[Fact], now: SystemTime) -> rusqlite::Result<u64> {
    let n = Bits(facts.len() as u64);
    let sql = "UPDATE runs SET seq = seq + ?2, changed = ?3 WHERE run = ?1 RETURNING seq - ?2";
    let Bits(first) = connection.prepare_cached(sql)?.query_row(params![Text(run), n, Millis(now)], |row| row.get(0))?;
    if !facts.is_empty() {
        let sql = "INSERT INTO events (run, first, n, body, time) VALUES (?, ?, ?, ?, ?)";
        connection.prepare_cached(sql)?.execute(params![Text(run), Bits(first), n, Json(facts), Millis(now)])?;
    }
    Ok(first)
}

pub(super) fn note(connection: &Connection, run: RunId, epoch: u64, facts: &[Fact], now: SystemTime) -> Result<Committed, Stop> {
    hold(connection, run, epoch)?;
    Ok(Committed::Written { first: append(connection, run, facts, now)? })
}

pub(super) fn transition(connection: &Connection, transition: Transition) -> Result<Committed, Stop> {
    let Transition { run, epoch, kept_back, frame, left, opens, end, facts, now, again } = transition;
    let held = hold(connection, run, epoch)?;
    if let Some(frame) = frame.as_ref().filter(|_| again)
        && is_written(connection, run, frame)?
    {
        return Ok(Committed::Written { first: append(connection, run, &[], now)? });
    }
    if held.recoveries > 0 {
        connection.prepare_cached("UPDATE runs SET recoveries = 0 WHERE run = ?")?.execute([Text(run)])?;
    }
    // First what is left, then what is written: the arm of a join ends at the very path it leaves.
    let (mut signals, mut checkpoints) = (false, Checkpoints::of(run, held.checkpoints));
    for place in &kept_back.left {
        signals |= checkpoints.leave(connection, place)?;
    }
    for frame in &kept_back.frames {
        checkpoints.write(connection, frame)?;
    }
    if let Some(place) = &left {
        signals |= checkpoints.leave(connection, place)?;
    }
    if let Some(frame) = &frame {
        checkpoints.write(connection, frame)?;
    }
    checkpoints.end(connection)?;
    if let Some(opening) = &opens {
        open(connection, run, opening, now)?;
    }
    if let Some(end) = end {
        finish(connection, run, end)?;
    }
    let first = append(connection, run, &facts, now)?;
    if signals || opens.is_some_and(|opening| matches!(opening.waits_for, WaitsFor::Signal { .. })) {
        signals::give(connection, run, now)?;
    }
    Ok(Committed::Written { first })
}

/// One range of the index on (run, path): what is at the place, and what `is_at_or_below` it.
macro_rules! at_or_below {
    () => {
        "run = ?1 AND path >= ?2 AND path < ?2 || '\\' AND (path = ?2 OR path >= ?2 || '/' AND path < ?2 || '0' OR path >= ?2 || '[')"
    };
}

pub(super) const LEAVE: [&str; 4] = [
    concat!("DELETE FROM frames WHERE ", at_or_below!()),
    concat!("DELETE FROM vals WHERE ", at_or_below!()),
    concat!("DELETE FROM inbox WHERE ", at_or_below!()),
    concat!(
        "UPDATE suspensions SET state = 'withdrawn', payload = NULL, schema = NULL WHERE state = 'open' AND ",
        at_or_below!()
    ),
];

/// Whether the run has signals is seen on the way.
pub(super) fn leave(connection: &Connection, run: RunId, place: &str) -> rusqlite::Result<bool> {
    for sql in LEAVE {
        connection.prepare_cached(sql)?.execute(params![Text(run), place])?;
    }
    signals::leave(connection, run, place)
}

fn is_written(connection: &Connection, run: RunId, frame: &FrameRow) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM frames WHERE run = ? AND path = ? AND state = ?";
    connection.prepare_cached(sql)?.exists(params![Text(run), frame.path, frame.bytes])
}

pub(super) fn write(connection: &Connection, run: RunId, frame: &FrameRow) -> rusqlite::Result<()> {
    let FrameRow { path, place, bytes, values, dead } = frame;
    for id in dead {
        let sql = "DELETE FROM vals WHERE run = ? AND id = ?";
        connection.prepare_cached(sql)?.execute(params![Text(run), Bits(*id)])?;
    }
    for write in values {
        let sql = "INSERT OR REPLACE INTO vals (run, id, path, value) VALUES (?, ?, ?, ?)";
        connection.prepare_cached(sql)?.execute(params![Text(run), Bits(write.id), path, write.value.as_bytes()])?;
    }
    let sql = "INSERT INTO frames (run, path, place, state) VALUES (?, ?, ?, ?)
               ON CONFLICT (run, path) DO UPDATE SET place = excluded.place, state = excluded.state";
    connection.prepare_cached(sql)?.execute(params![Text(run), path, place, bytes])?;
    Ok(())
}

/// A visit is answered once, so the same one never opens again.
pub(super) fn open(connection: &Connection, run: RunId, opening: &Opening, now: SystemTime) -> Result<(), Stop> {
    let Opening { path, node, payload, schema, waits_for } = opening;
    let expires = matches!(waits_for, WaitsFor::AnswerUntil { .. });
    let signal = match waits_for {
        WaitsFor::Signal { name } => Some(name),
        _ => None,
    };
    let sql = "INSERT INTO suspensions (run, path, node, payload, schema, state, since, due, expires, signal)
               VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?)
               ON CONFLICT (run, path) DO NOTHING";
    let values =
        params![Text(run), path, node, Json(payload), Json(schema), Millis(now), waits_for.due().map(Millis), expires, signal];
    let opened = connection.prepare_cached(sql)?.execute(values)?;
    if opened == 1 { Ok(()) } else { Err(opened_before(path).into()) }
}

fn finish(connection: &Connection, run: RunId, end: End) -> rusqlite::Result<()> {
    let (status, error) = match end {
        End::Failed(error) => (RunStatus::Failed, Some(Json(error))),
        End::Completed(output) => {
            clear(connection, run)?;
            let sql = "UPDATE bodies SET output = ?2 WHERE run = ?1";
            connection.prepare_cached(sql)?.execute(params![Text(run), Blob(output)])?;
            (RunStatus::Completed, None)
        }
    };
    let sql = "UPDATE runs SET status = ?2, error = ?3, owner = NULL WHERE run = ?1";
    connection.prepare_cached(sql)?.execute(params![Text(run), Text(status), error])?;
    Ok(())
}

/// Deletes what only a run that goes on needs.
pub(super) fn clear(connection: &Connection, run: RunId) -> rusqlite::Result<()> {
    let statements = [
        "DELETE FROM frames WHERE run = ?",
        "DELETE FROM vals WHERE run = ?",
        "DELETE FROM inbox WHERE run = ?",
        "DELETE FROM signals WHERE run = ?",
        "UPDATE suspensions SET state = 'withdrawn', payload = NULL, schema = NULL WHERE state = 'open' AND run = ?",
    ];
    for sql in statements {
        connection.prepare_cached(sql)?.execute([Text(run)])?;
    }
    Ok(())
}
