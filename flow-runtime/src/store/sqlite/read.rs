//! The queries of the read path.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::columns::{Bits, Blob, Json, Millis, Text};
use crate::encoded::Encoded;
use crate::event::{Event, Fact};
use crate::run::RunId;
use crate::store::{
    Checkpoint, Claim, FrameBytes, InboxRow, RunFilter, RunRow, SuspensionRow, TimerRow, ValueId, WaitsFor, WorkerId,
};

const RUNS: &str =
    "SELECT run, workflow, fingerprint, key, status, epoch, inbox_seq, durability, input, output, error, started, changed
                    FROM runs JOIN bodies USING (run)";

pub(super) fn runs(connection: &Connection, filter: &RunFilter) -> rusqlite::Result<Vec<RunRow>> {
    // A condition that is not asked for is left out, not made true: so the planner finds the index.
    let workflow = if filter.workflow.is_some() { "workflow = ?1" } else { "?1 IS NULL" };
    let status = if filter.status.is_some() { "status = ?2" } else { "?2 IS NULL" };
    let before = if filter.before.is_some() { "(started, run) < (?4, ?5)" } else { "?4 IS NULL AND ?5 IS NULL" };
    let sql = format!("{RUNS} WHERE {workflow} AND {status} AND {before} ORDER BY started DESC, run DESC LIMIT ?3");
    let limit = if filter.limit == 0 { -1 } else { i64::try_from(filter.limit).unwrap_or(-1) };
    let (started, run) = filter.before.map(|(started, run)| (Millis(started), Text(run))).unzip();
    all(connection, &sql, params![filter.workflow, filter.status.map(Text), limit, started, run], run_row)
}

pub(super) fn run(connection: &Connection, run: RunId) -> rusqlite::Result<Option<RunRow>> {
    connection.prepare_cached(&format!("{RUNS} WHERE run = ?"))?.query_row([Text(run)], run_row).optional()
}

fn run_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let output: Option<Blob> = row.get("output")?;
    let error: Option<Json<_>> = row.get("error")?;
    Ok(RunRow {
        run: row.get::<_, Text<_>>("run")?.0,
        workflow: row.get("workflow")?,
        fingerprint: row.get::<_, Bits>("fingerprint")?.0,
        key: row.get("key")?,
        status: row.get::<_, Text<_>>("status")?.0,
        epoch: row.get::<_, Bits>("epoch")?.0,
        inbox_seq: row.get::<_, Bits>("inbox_seq")?.0,
        durability: row.get::<_, Text<_>>("durability")?.0,
        input: row.get::<_, Blob>("input")?.0,
        output: output.map(|output| output.0),
        error: error.map(|error| error.0),
        started: row.get::<_, Millis>("started")?.0,
        changed: row.get::<_, Millis>("changed")?.0,
    })
}

pub(super) fn frames(connection: &Connection, run: RunId) -> rusqlite::Result<FrameBytes> {
    let sql = "SELECT path, state FROM frames WHERE run = ? ORDER BY path";
    all(connection, sql, [Text(run)], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn values(connection: &Connection, run: RunId) -> rusqlite::Result<Vec<(ValueId, Encoded)>> {
    let sql = "SELECT id, value FROM vals WHERE run = ? ORDER BY id";
    all(connection, sql, [Text(run)], |row| Ok((row.get::<_, Bits>(0)?.0, row.get::<_, Blob>(1)?.0)))
}

pub(super) fn events(connection: &Connection, run: RunId, from: u64) -> rusqlite::Result<Vec<Event>> {
    // The row that `from` lies in may begin before it.
    let sql = "SELECT first, body, time FROM events
               WHERE run = ?1 AND first >= ifnull((SELECT max(first) FROM events WHERE run = ?1 AND first <= ?2), 0)
               ORDER BY first";
    let from_column = i64::try_from(from).unwrap_or(i64::MAX);
    let rows = all(connection, sql, params![Text(run), from_column], |row| {
        let (Bits(first), Json(facts), Millis(time)): (_, Json<Vec<Fact>>, _) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((first..).zip(facts).map(move |(seq, fact)| Event { seq, time, fact }))
    })?;
    Ok(rows.into_iter().flatten().filter(|event| event.seq >= from).collect())
}

pub(super) fn suspensions(connection: &Connection, run: RunId) -> rusqlite::Result<Vec<SuspensionRow>> {
    // By row, not by `since`: the clocks of two processes may differ.
    let sql = "SELECT path, node, payload, schema, since, due, expires, signal FROM suspensions WHERE run = ? AND state = 'open' ORDER BY rowid";
    all(connection, sql, [Text(run)], |row| {
        let (Json(payload), Json(schema), Millis(since)) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let waits_for = match (row.get(5)?, row.get(6)?, row.get(7)?) {
            (Some(Millis(due)), true, _) => WaitsFor::AnswerUntil { due },
            (Some(Millis(due)), false, _) => WaitsFor::Time { due },
            (None, _, Some(name)) => WaitsFor::Signal { name },
            (None, _, None) => WaitsFor::Answer,
        };
        Ok(SuspensionRow { path: row.get(0)?, node: row.get(1)?, payload, schema, since, waits_for })
    })
}

pub(super) fn timers(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<TimerRow>> {
    let sql = "SELECT due, run, path FROM suspensions WHERE state = 'open' AND due IS NOT NULL ORDER BY due LIMIT ?";
    all(connection, sql, [i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        let (Millis(due), Text(run)) = (row.get(0)?, row.get(1)?);
        Ok(TimerRow { due, run, path: row.get(2)? })
    })
}

pub(super) fn inbox(connection: &Connection, run: RunId) -> rusqlite::Result<Vec<InboxRow>> {
    let sql = "SELECT seq, path, payload FROM inbox WHERE run = ? ORDER BY seq";
    all(connection, sql, [Text(run)], |row| {
        let (Bits(seq), Json(payload)) = (row.get(0)?, row.get(2)?);
        Ok(InboxRow { seq, path: row.get(1)?, payload })
    })
}

pub(super) fn checkpoints(connection: &Connection, run: RunId) -> rusqlite::Result<Vec<Checkpoint>> {
    let sql = "SELECT path, state, vals FROM checkpoints WHERE run = ? ORDER BY n";
    all(connection, sql, [Text(run)], |row| {
        let packed: Option<Vec<u8>> = row.get(2)?;
        let checkpoint = Checkpoint::unpacked(row.get(0)?, row.get(1)?, packed.as_deref());
        checkpoint.ok_or(rusqlite::Error::FromSqlConversionFailure(2, Type::Blob, "it is damaged".into()))
    })
}

pub(super) fn owned(connection: &Connection, worker: WorkerId) -> rusqlite::Result<Vec<Claim>> {
    let sql = "SELECT run, workflow, epoch, inbox_seq, recoveries, durability FROM runs WHERE owner = ? ORDER BY run";
    all(connection, sql, [Text(worker)], claim)
}

/// A row of run, workflow, epoch, inbox_seq, recoveries, durability.
pub(super) fn claim(row: &Row<'_>) -> rusqlite::Result<Claim> {
    let (Text(run), Bits(epoch), Bits(inbox_seq), Text(durability)) = (row.get(0)?, row.get(2)?, row.get(3)?, row.get(5)?);
    Ok(Claim { run, workflow: row.get(1)?, epoch, inbox_seq, recoveries: row.get(4)?, durability })
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, row)?.collect()
}
