//! What a group needs to be judged: it is locked first, then read.

use std::time::SystemTime;

use tokio_postgres::Row;
use uuid::Uuid;

use super::columns::{Columns, millis};
use super::group::{Group, Keyed};
use super::query::{Fault, Query};
use super::read::waits_for;
use super::run::{Head, Run, Signal, State, Suspension};
use crate::run::RunId;
use crate::store::{FrameRow, Record};

/// In the order of their ids, so that two processes do not wait for each other.
const LOCK: &str =
    "SELECT run, workflow, status, epoch, owner, seq, inbox_seq, opened, signalled, recoveries, durability, checkpoints, error, changed
                    FROM runs WHERE run = ANY($1::uuid[]) ORDER BY run FOR UPDATE";

const KEYS: &str = "SELECT key, run, workflow, input FROM runs JOIN bodies USING (run) WHERE key = ANY($1::text[])";

const SUSPENSIONS: &str =
    "SELECT run, path, number, state, request, due, expires, signal FROM unnest($1::uuid[], $2::text[]) AS named (run, path)
                           JOIN suspensions USING (run, path)";

const SIGNALS: &str = "SELECT run, seq, name, payload, path FROM signals WHERE run = ANY($1::uuid[]) ORDER BY run, seq";

const SIGNAL_WAITS: &str = "SELECT run, path, number, state, request, due, expires, signal FROM suspensions
                            WHERE run = ANY($1::uuid[]) AND state = 'open' AND signal IS NOT NULL";

const REQUESTS: &str = "SELECT run, request FROM unnest($1::uuid[], $2::text[]) AS named (run, request)
                        JOIN requests USING (run, request)";

/// Read when the runs are locked: a transition that was on its way when its answer was lost is seen.
const APPLIED: &str = "SELECT run, path FROM unnest($1::uuid[], $2::text[], $3::bytea[]) AS named (run, path, state)
                       JOIN frames USING (run, path, state)";

const LEASES: &str = "SELECT worker, lease_until FROM workers WHERE lease_until > $1";

/// Only a first look: another process may take them before they are locked. One that is being written is passed over.
const FREE: &str = "SELECT run FROM runs LEFT JOIN workers ON worker = owner
                    WHERE status = 'running' AND (lease_until IS NULL OR lease_until <= $1) AND workflow = ANY($2::text[])
                    AND recoveries >= $3 AND recoveries < $4
                    ORDER BY started, run LIMIT $5 FOR UPDATE OF runs SKIP LOCKED";

const OVER: &str = "SELECT run FROM runs WHERE ended < $1 AND ($2::bool OR status <> 'failed')
                    ORDER BY ended, run LIMIT $3 FOR UPDATE SKIP LOCKED";

/// What records name.
#[derive(Default)]
struct Named<'a> {
    runs: Vec<Uuid>,
    keys: Vec<&'a str>,
    /// Runs and paths of suspensions.
    paths: Vec<(Uuid, &'a str)>,
    /// The runs that may give or take a signal.
    signals: Vec<Uuid>,
    /// Runs and requests of signals.
    requests: Vec<(Uuid, &'a str)>,
    /// From when on a lease counts.
    claims: Option<SystemTime>,
    /// The frames of transitions that may have been applied before.
    again: Vec<(Uuid, &'a FrameRow)>,
}

impl<'a> Named<'a> {
    fn by(records: &'a [Record]) -> Self {
        let mut named = Self::default();
        for record in records {
            named.add(record);
        }
        for runs in [&mut named.runs, &mut named.signals] {
            runs.sort_unstable();
            runs.dedup();
        }
        named
    }

    fn add(&mut self, record: &'a Record) {
        match record {
            Record::Lease { .. } | Record::Release { .. } | Record::Prune { .. } => {}
            Record::Start(new) => {
                self.runs.push(new.run.0);
                self.keys.extend(new.key.as_deref());
            }
            Record::Claim { run, now, .. } => {
                self.runs.push(run.0);
                self.claim(*now);
            }
            Record::ClaimAny { now, .. } => self.claim(*now),
            Record::Transition(transition) => {
                let run = transition.run.0;
                self.runs.push(run);
                self.signals.push(run);
                self.paths.extend(transition.opens.as_ref().map(|opening| (run, opening.path.as_str())));
                self.again.extend(transition.frame.as_ref().filter(|_| transition.again).map(|frame| (run, frame)));
            }
            Record::Signal { run, request, .. } => {
                self.runs.push(run.0);
                self.signals.push(run.0);
                self.requests.extend(request.as_deref().map(|request| (run.0, request)));
            }
            Record::Resume { run, path, .. } | Record::Fire { run, path, .. } => {
                self.runs.push(run.0);
                self.paths.push((run.0, path));
            }
            Record::Note { run, .. } | Record::Park { run, .. } | Record::Cancel { run, .. } | Record::Retry { run, .. } => {
                self.runs.push(run.0);
            }
        }
    }

    fn claim(&mut self, now: SystemTime) {
        self.claims = Some(self.claims.map_or(now, |earlier| earlier.min(now)));
    }
}

/// The first look of a record that does not name its runs.
pub(super) fn look(record: &Record) -> Option<Query> {
    let most = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
    match record {
        Record::ClaimAny { workflows, recoveries, now, limit, .. } => {
            let times = |times: u32| i32::try_from(times).unwrap_or(i32::MAX);
            let query = Query::new(FREE).with(millis(*now)).with(workflows.clone());
            Some(query.with(times(recoveries.start)).with(times(recoveries.end)).with(most(*limit)))
        }
        Record::Prune { before, failed, limit } => Some(Query::new(OVER).with(millis(*before)).with(*failed).with(most(*limit))),
        _ => None,
    }
}

/// What reads a part of a group.
type Read = fn(&mut Group, &Row) -> Result<(), Fault>;

/// The queries that load a group, each with what reads its rows.
pub(super) fn queries(records: &[Record], found: &[RunId]) -> Vec<(Query, Read)> {
    let mut named = Named::by(records);
    named.runs.extend(found.iter().map(|run| run.0));
    let mut queries: Vec<(Query, Read)> = Vec::new();
    if !named.runs.is_empty() {
        queries.push((Query::new(LOCK).with(named.runs), head));
    }
    if !named.keys.is_empty() {
        let keys: Vec<_> = named.keys.into_iter().map(str::to_owned).collect();
        queries.push((Query::new(KEYS).with(keys), key));
    }
    if !named.paths.is_empty() {
        let (runs, paths): (Vec<_>, Vec<_>) = named.paths.into_iter().map(|(run, path)| (run, path.to_owned())).unzip();
        queries.push((Query::new(SUSPENSIONS).with(runs).with(paths), suspension));
    }
    if !named.signals.is_empty() {
        queries.push((Query::new(SIGNALS).with(named.signals.clone()), signal));
        queries.push((Query::new(SIGNAL_WAITS).with(named.signals), suspension));
    }
    if !named.requests.is_empty() {
        let (runs, requests): (Vec<_>, Vec<_>) = named.requests.into_iter().map(|(run, name)| (run, name.to_owned())).unzip();
        queries.push((Query::new(REQUESTS).with(runs).with(requests), request));
    }
    if !named.again.is_empty() {
        let (runs, frames): (Vec<_>, Vec<_>) = named.again.into_iter().unzip();
        let paths: Vec<_> = frames.iter().map(|frame| frame.path.clone()).collect();
        let states: Vec<_> = frames.iter().map(|frame| frame.bytes.clone()).collect();
        queries.push((Query::new(APPLIED).with(runs).with(paths).with(states), applied));
    }
    if let Some(now) = named.claims {
        queries.push((Query::new(LEASES).with(millis(now)), lease));
    }
    queries
}

pub(super) fn run_of(row: &Row) -> Result<RunId, Fault> {
    Columns::of(row).run()
}

fn head(group: &mut Group, row: &Row) -> Result<(), Fault> {
    let mut row = Columns::of(row);
    let run = row.run()?;
    let head = Head {
        workflow: row.get()?,
        status: row.text()?,
        epoch: row.bits()?,
        owner: row.get()?,
        seq: row.bits()?,
        inbox_seq: row.bits()?,
        opened: row.bits()?,
        signalled: row.bits()?,
        recoveries: row.get()?,
        durability: row.text()?,
        checkpoints: row.get()?,
        error: row.optional_json()?,
        changed: row.get()?,
    };
    group.runs.insert(run, Run::loaded(run, head));
    Ok(())
}

fn key(group: &mut Group, row: &Row) -> Result<(), Fault> {
    let mut row = Columns::of(row);
    let key = row.get()?;
    group.keys.insert(key, Keyed { run: row.run()?, workflow: row.get()?, input: row.get()? });
    Ok(())
}

fn suspension(group: &mut Group, row: &Row) -> Result<(), Fault> {
    let mut row = Columns::of(row);
    let Some(run) = group.runs.get_mut(&row.run()?) else { return Ok(()) };
    let (path, number) = (row.get()?, row.bits()?);
    let state = match row.get()? {
        "open" => State::Open,
        "answered" => State::Answered,
        _ => State::Withdrawn,
    };
    let (request, waits_for) = (row.get()?, waits_for(&mut row)?);
    run.suspensions.insert(path, Suspension { number, state, waits_for, fresh: None, answered: false, request });
    Ok(())
}

fn signal(group: &mut Group, row: &Row) -> Result<(), Fault> {
    let mut row = Columns::of(row);
    let Some(run) = group.runs.get_mut(&row.run()?) else { return Ok(()) };
    let (seq, name, payload, place) = (row.bits()?, row.get()?, row.get()?, row.get()?);
    run.signals.push(Signal { seq, name, payload, place, stored: true, moved: false, taken: false });
    Ok(())
}

fn request(group: &mut Group, row: &Row) -> Result<(), Fault> {
    let mut row = Columns::of(row);
    group.sent.insert((row.run()?, row.get()?));
    Ok(())
}

fn applied(group: &mut Group, row: &Row) -> Result<(), Fault> {
    let mut row = Columns::of(row);
    let Some(run) = group.runs.get_mut(&row.run()?) else { return Ok(()) };
    run.applied.insert(row.get()?);
    Ok(())
}

fn lease(group: &mut Group, row: &Row) -> Result<(), Fault> {
    let mut row = Columns::of(row);
    group.leases.insert(row.get()?, row.time()?);
    Ok(())
}
