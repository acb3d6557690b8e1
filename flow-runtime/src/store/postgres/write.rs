//! What a judged group writes: one statement a table, however many records there were.

use uuid::Uuid;

use super::columns::{json, millis};
use super::group::Group;
use super::query::{Fault, Query};
use super::run::{Run, State, Suspension};
use crate::store::WaitsFor;

/// What is at a place and what `is_at_or_below` it: one range of the index on (run, path).
macro_rules! at_or_below_left {
    ($table:literal) => {
        concat!(
            $table,
            ".run = l.run AND path >= place_left AND path < place_left || '\\'
             AND (path = place_left OR path >= place_left || '/' AND path < place_left || '0' OR path >= place_left || '[')"
        )
    };
}

const LEAVE: &str = concat!(
    "WITH l AS (SELECT * FROM unnest($1::uuid[], $2::text[]) AS l (run, place_left)),
          f AS (DELETE FROM frames USING l WHERE ",
    at_or_below_left!("frames"),
    "),   v AS (DELETE FROM vals USING l WHERE ",
    at_or_below_left!("vals"),
    "),   i AS (DELETE FROM inbox USING l WHERE ",
    at_or_below_left!("inbox"),
    ") UPDATE suspensions SET state = 'withdrawn', payload = NULL, schema = NULL FROM l WHERE state = 'open' AND ",
    at_or_below_left!("suspensions"),
);

const CLEAR: &str = "WITH f AS (DELETE FROM frames WHERE run = ANY($1::uuid[])),
                          v AS (DELETE FROM vals WHERE run = ANY($1::uuid[])),
                          i AS (DELETE FROM inbox WHERE run = ANY($1::uuid[])),
                          s AS (DELETE FROM signals WHERE run = ANY($1::uuid[]))
                     UPDATE suspensions SET state = 'withdrawn', payload = NULL, schema = NULL
                     WHERE state = 'open' AND run = ANY($1::uuid[])";

const BEGIN_RUNS: &str =
    "INSERT INTO runs (run, workflow, fingerprint, key, status, epoch, owner, seq, inbox_seq, opened, signalled, recoveries, durability, checkpoints, error, started, changed,
                       ended)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::uuid[], $8::bigint[],
                          $9::bigint[], $10::bigint[], $11::bigint[], $12::integer[], $13::text[], $14::bigint[], $15::text[],
                          $16::bigint[], $17::bigint[], $18::bigint[])";

const INPUTS: &str = "INSERT INTO bodies (run, input) SELECT * FROM unnest($1::uuid[], $2::bytea[])";

const OUTPUTS: &str = "UPDATE bodies SET output = o.output FROM unnest($1::uuid[], $2::bytea[]) AS o (run, output)
                       WHERE bodies.run = o.run";

const RUNS: &str =
    "UPDATE runs SET status = h.status, epoch = h.epoch, owner = h.owner, seq = h.seq, inbox_seq = h.inbox_seq, opened = h.opened,
                     signalled = h.signalled, recoveries = h.recoveries, checkpoints = h.checkpoints, error = h.error, changed = h.changed, ended = h.ended
     FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
                 $9::integer[], $10::bigint[], $11::text[], $12::bigint[], $13::bigint[])
          AS h (run, status, epoch, owner, seq, inbox_seq, opened, signalled, recoveries, checkpoints, error, changed, ended)
     WHERE runs.run = h.run";

const DEAD: &str =
    "DELETE FROM vals USING unnest($1::uuid[], $2::bigint[]) AS d (run, id) WHERE vals.run = d.run AND vals.id = d.id";

const FRAMES: &str = "INSERT INTO frames (run, path, place, state)
                      SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[])
                      ON CONFLICT (run, path) DO UPDATE SET place = excluded.place, state = excluded.state";

const VALUES: &str = "INSERT INTO vals (run, id, path, value)
                      SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[])
                      ON CONFLICT (run, id) DO UPDATE SET path = excluded.path, value = excluded.value";

const OPEN: &str =
    "INSERT INTO suspensions (run, path, number, node, payload, schema, state, since, due, expires, signal, request)
                    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                                         $8::bigint[], $9::bigint[], $10::boolean[], $11::text[], $12::text[])";

const ANSWER: &str = "UPDATE suspensions SET state = 'answered', payload = NULL, schema = NULL, request = a.request
                      FROM unnest($1::uuid[], $2::text[], $3::text[]) AS a (run, path, request)
                      WHERE suspensions.run = a.run AND suspensions.path = a.path";

const INBOX: &str = "INSERT INTO inbox (run, path, seq, payload)
                     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[])";

const SIGNAL: &str = "INSERT INTO signals (run, seq, name, payload, path)
                      SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[])";

const MOVE_SIGNALS: &str =
    "UPDATE signals SET path = m.path FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS m (run, seq, path)
                            WHERE signals.run = m.run AND signals.seq = m.seq";

const TAKE_SIGNALS: &str = "DELETE FROM signals USING unnest($1::uuid[], $2::bigint[]) AS t (run, seq)
                            WHERE signals.run = t.run AND signals.seq = t.seq";

const EVENTS: &str = "INSERT INTO events (run, first, n, body, time)
                      SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[])";

const CHECKPOINTS: &str = "INSERT INTO checkpoints (run, n, path, state, vals)
                           SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[], $5::bytea[])";

const LEASES: &str = "INSERT INTO workers (worker, lease_until) SELECT * FROM unnest($1::uuid[], $2::bigint[])
                      ON CONFLICT (worker) DO UPDATE SET lease_until = excluded.lease_until";

const RELEASE: [&str; 2] = [
    "DELETE FROM workers WHERE worker = $1",
    "UPDATE runs SET owner = NULL WHERE run IN (SELECT run FROM runs WHERE owner = $1 ORDER BY run FOR UPDATE)",
];

const REQUESTS: &str = "INSERT INTO requests (run, request) SELECT * FROM unnest($1::uuid[], $2::text[])";

const PRUNE: &str = "WITH e AS (DELETE FROM events WHERE run = ANY($1::uuid[])),
                          c AS (DELETE FROM checkpoints WHERE run = ANY($1::uuid[])),
                          f AS (DELETE FROM frames WHERE run = ANY($1::uuid[])),
                          v AS (DELETE FROM vals WHERE run = ANY($1::uuid[])),
                          u AS (DELETE FROM suspensions WHERE run = ANY($1::uuid[])),
                          s AS (DELETE FROM signals WHERE run = ANY($1::uuid[])),
                          q AS (DELETE FROM requests WHERE run = ANY($1::uuid[])),
                          i AS (DELETE FROM inbox WHERE run = ANY($1::uuid[])),
                          b AS (DELETE FROM bodies WHERE run = ANY($1::uuid[]))
                     DELETE FROM runs WHERE run = ANY($1::uuid[])";

/// Makes a statement of rows: each column becomes an array. Nothing, where there are no rows.
macro_rules! rows {
    ($sql:expr, $rows:expr, |$row:pat_param| $($column:expr),+ $(,)?) => {{
        let rows: Vec<_> = $rows.collect();
        (!rows.is_empty()).then(|| Query::new($sql)$(.with(rows.iter().map(
            |#[allow(unused_variables, reason = "a column takes a part of its row")] $row| $column,
        ).collect::<Vec<_>>()))+)
    }};
}

impl Group {
    /// The statements that write what became of the group.
    pub(super) fn writes(&self) -> Result<Vec<Query>, Fault> {
        let mut queries = Vec::new();
        // What was left goes first: what is written after it may lie at the very same path.
        queries.extend(self.leave());
        queries.extend(self.heads()?);
        queries.extend(self.machines());
        queries.extend(self.waits());
        queries.extend(self.signals());
        queries.extend(self.events()?);
        queries.extend(self.checkpoints());
        queries.extend(rows!(LEASES, self.announced.iter(), |(worker, until)| **worker, millis(**until)));
        queries.extend(rows!(PRUNE, self.pruned.iter(), |run| run.0));
        queries.extend(self.released.into_iter().flat_map(|worker| RELEASE.map(|sql| Query::new(sql).with(worker))));
        Ok(queries)
    }

    fn leave(&self) -> impl Iterator<Item = Query> {
        let left = self.each(|run| run.writes.left.iter());
        let cleared = self.runs.values().filter(|run| run.writes.cleared);
        let dead = self.each(|run| run.writes.dead.iter());
        [
            rows!(LEAVE, left, |(run, place)| *run, (*place).clone()),
            rows!(CLEAR, cleared, |run| run.run.0),
            rows!(DEAD, dead, |(run, id)| *run, id.cast_signed()),
        ]
        .into_iter()
        .flatten()
    }

    fn heads(&self) -> Result<impl Iterator<Item = Query>, Fault> {
        let mut changed = Vec::new();
        for run in self.runs.values().filter(|run| run.changed) {
            changed.push((run, run.head.error.as_ref().map(json).transpose()?));
        }
        let fresh = changed.iter().filter_map(|(run, error)| Some((*run, run.fresh.as_ref()?, error)));
        let stored = changed.iter().filter(|(run, _)| run.fresh.is_none());
        let inputs = fresh.clone();
        let outputs = self.each(|run| run.writes.output.iter());
        let queries = [
            rows!(
                BEGIN_RUNS,
                fresh,
                |(run, fresh, error)| run.run.0,
                run.head.workflow.clone(),
                fresh.fingerprint.cast_signed(),
                fresh.key.clone(),
                run.head.status.as_str(),
                run.head.epoch.cast_signed(),
                run.head.owner,
                run.head.seq.cast_signed(),
                run.head.inbox_seq.cast_signed(),
                run.head.opened.cast_signed(),
                run.head.signalled.cast_signed(),
                run.head.recoveries,
                run.head.durability.as_str(),
                run.head.checkpoints,
                (*error).clone(),
                fresh.started,
                run.head.changed,
                run.head.ended()
            ),
            rows!(INPUTS, inputs, |(run, fresh, _)| run.run.0, fresh.input.as_bytes().to_vec()),
            rows!(OUTPUTS, outputs, |(run, output)| *run, output.as_bytes().to_vec()),
            rows!(
                RUNS,
                stored,
                |(run, error)| run.run.0,
                run.head.status.as_str(),
                run.head.epoch.cast_signed(),
                run.head.owner,
                run.head.seq.cast_signed(),
                run.head.inbox_seq.cast_signed(),
                run.head.opened.cast_signed(),
                run.head.signalled.cast_signed(),
                run.head.recoveries,
                run.head.checkpoints,
                error.clone(),
                run.head.changed,
                run.head.ended()
            ),
        ];
        Ok(queries.into_iter().flatten())
    }

    fn checkpoints(&self) -> Option<Query> {
        let kept = self.each(|run| run.writes.checkpoints.iter());
        rows!(CHECKPOINTS, kept, |(run, (n, kept))| *run, *n, kept.path.clone(), kept.frame.clone(), kept.packed())
    }

    fn machines(&self) -> impl Iterator<Item = Query> {
        let frames = self.each(|run| run.writes.frames.iter());
        let values = self.each(|run| run.writes.values.iter());
        [
            rows!(FRAMES, frames, |(run, (path, frame))| *run, (*path).clone(), frame.place.clone(), frame.bytes.clone()),
            rows!(VALUES, values, |(run, (id, (path, value)))| *run, id.cast_signed(), path.clone(), value.as_bytes().to_vec()),
        ]
        .into_iter()
        .flatten()
    }

    fn waits(&self) -> impl Iterator<Item = Query> {
        let all = || self.each(|run| run.suspensions.iter());
        let opened = all().filter_map(|(run, (path, suspension))| Some((run, path, suspension, suspension.fresh.as_ref()?)));
        let answered = all().filter(|(_, (_, suspension))| suspension.fresh.is_none() && suspension.answered);
        let inbox = self.each(|run| run.writes.inbox.iter());
        [
            rows!(
                OPEN,
                opened,
                |(run, path, suspension, fresh)| *run,
                (*path).clone(),
                suspension.number.cast_signed(),
                fresh.node.clone(),
                suspension.shown(&fresh.payload),
                suspension.shown(&fresh.schema),
                suspension.state.as_str(),
                fresh.since,
                suspension.waits_for.due().map(millis),
                matches!(suspension.waits_for, WaitsFor::AnswerUntil { .. }),
                suspension.signal(),
                suspension.request.clone()
            ),
            rows!(ANSWER, answered, |(run, (path, suspension))| *run, (*path).clone(), suspension.request.clone()),
            rows!(INBOX, inbox, |(run, (path, (seq, payload)))| *run, (*path).clone(), seq.cast_signed(), payload.clone()),
        ]
        .into_iter()
        .flatten()
    }

    fn signals(&self) -> impl Iterator<Item = Query> {
        let all = || self.each(|run| run.signals.iter());
        let sent = all().filter(|(_, signal)| !signal.stored && !signal.taken);
        let moved = all().filter(|(_, signal)| signal.stored && signal.moved && !signal.taken);
        let taken = all().filter(|(_, signal)| signal.stored && signal.taken);
        let requests = self.each(|run| run.writes.requests.iter());
        [
            rows!(
                SIGNAL,
                sent,
                |(run, signal)| *run,
                signal.seq.cast_signed(),
                signal.name.clone(),
                signal.payload.clone(),
                signal.place.clone()
            ),
            rows!(MOVE_SIGNALS, moved, |(run, signal)| *run, signal.seq.cast_signed(), signal.place.clone()),
            rows!(REQUESTS, requests, |(run, request)| *run, (*request).clone()),
            rows!(TAKE_SIGNALS, taken, |(run, signal)| *run, signal.seq.cast_signed()),
        ]
        .into_iter()
        .flatten()
    }

    fn events(&self) -> Result<Option<Query>, Fault> {
        let mut rows = Vec::new();
        for (run, facts) in self.each(|run| run.writes.events.iter()) {
            rows.push((run, facts, json(&facts.facts)?));
        }
        Ok(rows!(
            EVENTS,
            rows.iter(),
            |(run, facts, body)| *run,
            facts.first.cast_signed(),
            facts.facts.len() as i64,
            body.clone(),
            facts.time
        ))
    }

    /// Something of each run, with the run's id.
    fn each<'a, I: Iterator>(&'a self, of: impl Fn(&'a Run) -> I) -> impl Iterator<Item = (Uuid, I::Item)> {
        self.runs.values().flat_map(move |run| of(run).map(|item| (run.run.0, item)))
    }
}

impl Suspension {
    /// What only an open one shows.
    fn shown(&self, text: &str) -> Option<String> {
        (self.state == State::Open).then(|| text.to_owned())
    }

    fn signal(&self) -> Option<String> {
        match &self.waits_for {
            WaitsFor::Signal { name } => Some(name.clone()),
            _ => None,
        }
    }
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Withdrawn => "withdrawn",
        }
    }
}
