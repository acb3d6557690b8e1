//! Who has a run and where it stands: begin, claim, park, resume, cancel, retry.

use std::ops::Range;
use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, params};

use super::checkpoints::Checkpoints;
use super::columns::{Bits, Blob, Json, Millis, Text};
use super::read;
use super::transition::{append, clear, hold, open};
use super::writer::Stop;
use crate::event::Fact;
use crate::run::{RunId, RunStatus};
use crate::store::refuse::exists_already;
use crate::store::{Claim, Committed, Forked, NewRun, Refused, WaitsFor, WorkerId};

type Applied = Result<Committed, Stop>;

pub(super) fn lease(connection: &Connection, worker: WorkerId, until: SystemTime) -> Applied {
    let sql = "INSERT INTO workers (worker, lease_until) VALUES (?, ?)
               ON CONFLICT (worker) DO UPDATE SET lease_until = excluded.lease_until";
    connection.prepare_cached(sql)?.execute(params![Text(worker), Millis(until)])?;
    Ok(Committed::Done)
}

pub(super) fn release(connection: &Connection, worker: WorkerId) -> Applied {
    for sql in ["DELETE FROM workers WHERE worker = ?", "UPDATE runs SET owner = NULL WHERE owner = ?"] {
        connection.prepare_cached(sql)?.execute([Text(worker)])?;
    }
    Ok(Committed::Done)
}

pub(super) fn start(connection: &Connection, new: NewRun) -> Applied {
    if let Some(found) = new.key.as_deref().map(|key| by_key(connection, key, &new)).transpose()?.flatten() {
        return Ok(Committed::Started { run: found, fresh: false });
    }
    let NewRun { run, workflow, fingerprint, key, input, durability, checkpoints, forked, frame, worker, now } = new;
    let sql =
        "INSERT INTO runs (run, workflow, fingerprint, key, status, epoch, owner, seq, inbox_seq, started, changed, durability, checkpoints)
               VALUES (?, ?, ?, ?, 'running', 1, ?, 0, 0, ?, ?, ?, ?) ON CONFLICT (run) DO NOTHING";
    let values = params![
        Text(run),
        workflow,
        Bits(fingerprint),
        key,
        Text(worker),
        Millis(now),
        Millis(now),
        durability.as_str(),
        checkpoints.then_some(0)
    ];
    if connection.prepare_cached(sql)?.execute(values)? == 0 {
        return Err(exists_already(run).into());
    }
    let sql = "INSERT INTO bodies (run, input) VALUES (?, ?)";
    connection.prepare_cached(sql)?.execute(params![Text(run), Blob(input)])?;
    let mut checkpoints = Checkpoints::of(run, checkpoints.then_some(0));
    checkpoints.write(connection, &frame)?;
    append(connection, run, &[Fact::RunStarted], now)?;
    if let Some(Forked { of, at, arms, opens }) = forked.map(|forked| *forked) {
        for arm in &arms {
            checkpoints.write(connection, arm)?;
        }
        for opening in &opens {
            open(connection, run, opening, now)?;
        }
        append(connection, run, &[Fact::RunForked { of, at }], now)?;
    }
    checkpoints.end(connection)?;
    Ok(Committed::Started { run, fresh: true })
}

fn by_key(connection: &Connection, key: &str, new: &NewRun) -> Result<Option<RunId>, Stop> {
    let sql = "SELECT run, workflow, input FROM runs JOIN bodies USING (run) WHERE key = ?";
    let found = connection.prepare_cached(sql)?.query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let Some((Text(run), workflow, Blob(input))) = found.optional()? else { return Ok(None) };
    if workflow == new.workflow && input == new.input {
        return Ok(Some(run));
    }
    Err(Refused::KeyConflict { run, workflow }.into())
}

pub(super) fn claim(connection: &Connection, run: RunId, worker: WorkerId, now: SystemTime) -> Applied {
    let sql = "SELECT status, lease_until FROM runs LEFT JOIN workers ON worker = owner WHERE run = ?";
    let row = connection.prepare_cached(sql)?.query_row([Text(run)], |row| Ok((row.get(0)?, row.get(1)?)));
    let (Text(status), lease): (_, Option<Millis>) = row.optional()?.ok_or(Refused::UnknownRun)?;
    if status != RunStatus::Running {
        return Err(Refused::WrongStatus(status).into());
    }
    if let Some(Millis(until)) = lease.filter(|Millis(until)| *until > now) {
        return Err(Refused::Busy { until }.into());
    }
    Ok(Committed::Claimed(vec![take(connection, run, worker, now)?]))
}

pub(super) const FREE: &str = "SELECT run FROM runs LEFT JOIN workers ON worker = owner
    WHERE status = 'running' AND (lease_until IS NULL OR lease_until <= ?)
    AND workflow IN (SELECT value FROM json_each(?)) AND recoveries >= ? AND recoveries < ?
    ORDER BY started, run LIMIT ?";

pub(super) fn claim_any(
    connection: &Connection,
    worker: WorkerId,
    workflows: &[String],
    recoveries: &Range<u32>,
    now: SystemTime,
    limit: usize,
) -> Applied {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(FREE)?;
    let free = statement
        .query_map(params![Millis(now), Json(workflows), recoveries.start, recoveries.end, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let claims = free.into_iter().map(|Text(run)| take(connection, run, worker, now));
    Ok(Committed::Claimed(claims.collect::<rusqlite::Result<_>>()?))
}

/// Gives the run to a worker; whoever had it is fenced by the epoch.
fn take(connection: &Connection, run: RunId, worker: WorkerId, now: SystemTime) -> rusqlite::Result<Claim> {
    let sql = "UPDATE runs SET recoveries = recoveries + (owner IS NOT NULL), owner = ?2, epoch = epoch + 1, changed = ?3 WHERE run = ?1
               RETURNING run, workflow, epoch, inbox_seq, recoveries, durability";
    connection.prepare_cached(sql)?.query_row(params![Text(run), Text(worker), Millis(now)], read::claim)
}

pub(super) fn park(connection: &Connection, run: RunId, epoch: u64, inbox_seq: u64, now: SystemTime) -> Applied {
    let stored = hold(connection, run, epoch)?.inbox_seq;
    if stored != inbox_seq {
        return Ok(Committed::Moved { inbox_seq: stored });
    }
    let sql = "UPDATE runs SET status = 'suspended', owner = NULL WHERE run = ?";
    connection.prepare_cached(sql)?.execute([Text(run)])?;
    append(connection, run, &[Fact::RunSuspended], now)?;
    Ok(Committed::Done)
}

pub(super) fn resume(
    connection: &Connection,
    run: RunId,
    path: String,
    payload: &serde_json::Value,
    request: Option<String>,
    now: SystemTime,
) -> Applied {
    status(connection, run)?;
    if request.is_some() {
        let sql = "SELECT 1 FROM suspensions WHERE run = ? AND path = ? AND state = 'answered' AND request = ?";
        if connection.prepare_cached(sql)?.exists(params![Text(run), path, request])? {
            return Ok(Committed::Done);
        }
    }
    end_wait(connection, run, &path, Waits::Answer, payload)?;
    if request.is_some() {
        let sql = "UPDATE suspensions SET request = ? WHERE run = ? AND path = ?";
        connection.prepare_cached(sql)?.execute(params![request, Text(run), path])?;
    }
    append(connection, run, &[Fact::RunResumed { path }], now)?;
    Ok(Committed::Done)
}

pub(super) fn fire(connection: &Connection, run: RunId, path: String, now: SystemTime) -> Applied {
    status(connection, run)?;
    end_wait(connection, run, &path, Waits::Time, &WaitsFor::fired())?;
    append(connection, run, &[Fact::TimerFired { path }], now)?;
    Ok(Committed::Done)
}

/// What may end a wait.
#[derive(Clone, Copy)]
pub(super) enum Waits {
    Answer,
    Time,
    Signal,
}

/// Ends a wait: the answer is a row, and the counter says so.
pub(super) fn end_wait(
    connection: &Connection,
    run: RunId,
    path: &str,
    waits: Waits,
    payload: &serde_json::Value,
) -> Result<(), Stop> {
    answer(connection, run, path, waits)?;
    // A failed run stays failed: its answer waits until it is retried.
    let sql = "UPDATE runs SET inbox_seq = inbox_seq + 1, status = iif(status = 'suspended', 'running', status) WHERE run = ?
               RETURNING inbox_seq";
    let Bits(seq) = connection.prepare_cached(sql)?.query_row([Text(run)], |row| row.get(0))?;
    let sql = "INSERT INTO inbox (run, path, seq, payload) VALUES (?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![Text(run), path, Bits(seq), payload.to_string()])?;
    Ok(())
}

/// Closes the suspension that an answer is for.
fn answer(connection: &Connection, run: RunId, path: &str, waits: Waits) -> Result<(), Stop> {
    let of = match waits {
        Waits::Answer => "(due IS NULL OR expires) AND signal IS NULL",
        Waits::Time => "due IS NOT NULL",
        Waits::Signal => "signal IS NOT NULL",
    };
    let sql = format!(
        "UPDATE suspensions SET state = 'answered', payload = NULL, schema = NULL
         WHERE run = ? AND path = ? AND state = 'open' AND {of}"
    );
    if connection.prepare_cached(&sql)?.execute(params![Text(run), path])? == 1 {
        return Ok(());
    }
    let sql = "SELECT state FROM suspensions WHERE run = ? AND path = ?";
    let state = connection.prepare_cached(sql)?.query_row(params![Text(run), path], |row| row.get::<_, String>(0)).optional()?;
    Err(match state.as_deref() {
        Some("open") => Refused::NotSuspended,
        Some("answered") => Refused::AlreadyResumed,
        Some(_) => Refused::Withdrawn,
        None => Refused::NotSuspended,
    }
    .into())
}

pub(super) fn cancel(connection: &Connection, run: RunId, now: SystemTime) -> Applied {
    let status = status(connection, run)?;
    if status.is_final() {
        return Err(Refused::WrongStatus(status).into());
    }
    let sql = "UPDATE runs SET status = 'cancelled', epoch = epoch + 1, owner = NULL, error = NULL WHERE run = ?";
    connection.prepare_cached(sql)?.execute([Text(run)])?;
    clear(connection, run)?;
    append(connection, run, &[Fact::RunCancelled], now)?;
    Ok(Committed::Done)
}

pub(super) fn retry(connection: &Connection, run: RunId, worker: WorkerId, now: SystemTime) -> Applied {
    let status = status(connection, run)?;
    if status != RunStatus::Failed {
        return Err(Refused::WrongStatus(status).into());
    }
    let sql = "UPDATE runs SET status = 'running', error = NULL, recoveries = 0 WHERE run = ?";
    connection.prepare_cached(sql)?.execute([Text(run)])?;
    append(connection, run, &[Fact::RunRetried], now)?;
    Ok(Committed::Claimed(vec![take(connection, run, worker, now)?]))
}

pub(super) fn status(connection: &Connection, run: RunId) -> Result<RunStatus, Stop> {
    let sql = "SELECT status FROM runs WHERE run = ?";
    let status = connection.prepare_cached(sql)?.query_row([Text(run)], |row| row.get(0)).optional()?;
    status.map(|Text(status)| status).ok_or_else(|| Refused::UnknownRun.into())
}
