//! The queries of the read path.

use deadpool_postgres::Client;
use tokio_postgres::Row;

use super::columns::{Columns, millis};
use super::query::{Fault, Query, one};
use crate::encoded::Encoded;
use crate::event::{Event, Fact};
use crate::run::RunId;
use crate::store::{
    Checkpoint, Claim, FrameBytes, InboxRow, RunFilter, RunRow, SuspensionRow, TimerRow, ValueId, WaitsFor, WorkerId,
};

const RUNS: &str =
    "SELECT run, workflow, fingerprint, key, status, epoch, inbox_seq, durability, input, output, error, started, changed
                    FROM runs JOIN bodies USING (run)";

pub(super) async fn runs(client: &Client, filter: RunFilter) -> Result<Vec<RunRow>, Fault> {
    // A condition that is not asked for is left out, not made true: so the planner finds the index.
    let workflow = if filter.workflow.is_some() { "workflow = $1::text" } else { "$1::text IS NULL" };
    let status = if filter.status.is_some() { "status = $2::text" } else { "$2::text IS NULL" };
    let before = match filter.before {
        Some(_) => "(started, run) < ($4::bigint, $5::uuid)",
        None => "$4::bigint IS NULL AND $5::uuid IS NULL",
    };
    let sql = format!("{RUNS} WHERE {workflow} AND {status} AND {before} ORDER BY started DESC, run DESC LIMIT $3");
    let limit = if filter.limit == 0 { None } else { i64::try_from(filter.limit).ok() };
    let status = filter.status.map(|status| status.as_str());
    let (started, run) = filter.before.map(|(started, run)| (millis(started), run.0)).unzip();
    let query = Query::new(sql).with(filter.workflow).with(status).with(limit).with(started).with(run);
    all(client, query, run_row).await
}

pub(super) async fn run(client: &Client, run: RunId) -> Result<Option<RunRow>, Fault> {
    let query = Query::new(format!("{RUNS} WHERE run = $1")).with(run.0);
    Ok(all(client, query, run_row).await?.pop())
}

fn run_row(mut row: Columns<'_>) -> Result<RunRow, Fault> {
    Ok(RunRow {
        run: row.run()?,
        workflow: row.get()?,
        fingerprint: row.bits()?,
        key: row.get()?,
        status: row.text()?,
        epoch: row.bits()?,
        inbox_seq: row.bits()?,
        durability: row.text()?,
        input: Encoded::from_bytes(row.get()?),
        output: row.get::<Option<_>>()?.map(Encoded::from_bytes),
        error: row.optional_json()?,
        started: row.time()?,
        changed: row.time()?,
    })
}

pub(super) async fn frames(client: &Client, run: RunId) -> Result<FrameBytes, Fault> {
    let query = Query::new("SELECT path, state FROM frames WHERE run = $1 ORDER BY path").with(run.0);
    all(client, query, |mut row| Ok((row.get()?, row.get()?))).await
}

pub(super) async fn values(client: &Client, run: RunId) -> Result<Vec<(ValueId, Encoded)>, Fault> {
    let query = Query::new("SELECT id, value FROM vals WHERE run = $1 ORDER BY id").with(run.0);
    all(client, query, |mut row| Ok((row.bits()?, Encoded::from_bytes(row.get()?)))).await
}

pub(super) async fn events(client: &Client, run: RunId, from: u64) -> Result<Vec<Event>, Fault> {
    // The row that `from` lies in may begin before it.
    let sql = "SELECT first, time, body FROM events
               WHERE run = $1 AND first >= coalesce((SELECT max(first) FROM events WHERE run = $1 AND first <= $2), 0)
               ORDER BY first";
    let query = Query::new(sql).with(run.0).with(i64::try_from(from).unwrap_or(i64::MAX));
    let rows = all(client, query, |mut row| {
        let (first, time, facts) = (row.bits()?, row.time()?, row.json::<Vec<Fact>>()?);
        Ok((first..).zip(facts).map(move |(seq, fact)| Event { seq, time, fact }))
    });
    Ok(rows.await?.into_iter().flatten().filter(|event| event.seq >= from).collect())
}

pub(super) async fn suspensions(client: &Client, run: RunId) -> Result<Vec<SuspensionRow>, Fault> {
    // By number, not by `since`: the clocks of two processes may differ.
    let sql = "SELECT path, node, payload, schema, since, due, expires, signal FROM suspensions
               WHERE run = $1 AND state = 'open' ORDER BY number";
    all(client, Query::new(sql).with(run.0), |mut row| {
        Ok(SuspensionRow {
            path: row.get()?,
            node: row.get()?,
            payload: row.json()?,
            schema: row.json()?,
            since: row.time()?,
            waits_for: waits_for(&mut row)?,
        })
    })
    .await
}

/// From the columns `due`, `expires` and `signal`.
pub(super) fn waits_for(row: &mut Columns<'_>) -> Result<WaitsFor, Fault> {
    Ok(match (row.optional_time()?, row.get()?, row.get()?) {
        (Some(due), true, _) => WaitsFor::AnswerUntil { due },
        (Some(due), false, _) => WaitsFor::Time { due },
        (None, _, Some(name)) => WaitsFor::Signal { name },
        (None, _, None) => WaitsFor::Answer,
    })
}

pub(super) async fn timers(client: &Client, limit: usize) -> Result<Vec<TimerRow>, Fault> {
    let sql = "SELECT due, run, path FROM suspensions WHERE state = 'open' AND due IS NOT NULL
               ORDER BY due, run, path LIMIT $1";
    let query = Query::new(sql).with(i64::try_from(limit).unwrap_or(i64::MAX));
    all(client, query, |mut row| Ok(TimerRow { due: row.time()?, run: row.run()?, path: row.get()? })).await
}

pub(super) async fn inbox(client: &Client, run: RunId) -> Result<Vec<InboxRow>, Fault> {
    let query = Query::new("SELECT seq, path, payload FROM inbox WHERE run = $1 ORDER BY seq").with(run.0);
    all(client, query, |mut row| Ok(InboxRow { seq: row.bits()?, path: row.get()?, payload: row.json()? })).await
}

pub(super) async fn checkpoints(client: &Client, run: RunId) -> Result<Vec<Checkpoint>, Fault> {
    let query = Query::new("SELECT path, state, vals FROM checkpoints WHERE run = $1 ORDER BY n").with(run.0);
    let checkpoint = |mut row: Columns<'_>| {
        let (path, frame) = (row.get()?, row.get()?);
        Checkpoint::unpacked(path, frame, row.get()?).ok_or_else(|| row.unreadable(&"it is damaged"))
    };
    all(client, query, checkpoint).await
}

pub(super) async fn owned(client: &Client, worker: WorkerId) -> Result<Vec<Claim>, Fault> {
    let query =
        Query::new("SELECT run, workflow, epoch, inbox_seq, recoveries, durability FROM runs WHERE owner = $1 ORDER BY run")
            .with(worker);
    let claim = |mut row: Columns<'_>| {
        let (run, workflow, epoch, inbox_seq) = (row.run()?, row.get()?, row.bits()?, row.bits()?);
        let (recoveries, durability) = (row.get::<i32>()?.cast_unsigned(), row.text()?);
        Ok(Claim { run, workflow, epoch, inbox_seq, recoveries, durability })
    };
    all(client, query, claim).await
}

async fn all<T>(client: &Client, query: Query, read: impl Fn(Columns<'_>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let rows: Vec<Row> = one(client, query).await?;
    rows.iter().map(|row| read(Columns::of(row))).collect()
}
