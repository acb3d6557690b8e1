//! How records are written: locked and loaded, judged, then written and committed, in two round trips.
//!
//! A transaction writes a token of its own. Where the connection is lost before its answer, that token tells whether it
//! took place. The number that PostgreSQL gives to a transaction would not: after a crash it is given again.

use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_postgres::{Client, Object, Pool};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::group::Group;
use super::load;
use super::query::{Fault, Query, all, one};
use crate::store::{Committed, Record, Refused};

type Answer = Result<Committed, Refused>;

/// How often a transaction is done again that another one was in the way of.
const TRIES: u32 = 20;

/// How long to ask a server that does not answer what became of a commit.
const PATIENCE: Duration = Duration::from_secs(10);

const TOKEN: &str = "WITH known AS (DELETE FROM commits WHERE commit = ANY($2::uuid[])) INSERT INTO commits (commit) VALUES ($1)";

/// Waits for the transaction to end that has written the token, and keeps it from ending well if it has not yet.
const SETTLE: &str = "INSERT INTO commits (commit) VALUES ($1) ON CONFLICT DO NOTHING RETURNING commit";

/// What writes to a database.
pub(super) struct Writer {
    pool: Pool,
    /// The tokens of transactions that nobody asks about any more.
    known: Mutex<Vec<Uuid>>,
}

impl Writer {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool, known: Mutex::default() }
    }

    /// Applies a batch, in as few transactions as can be.
    pub(super) async fn commit(&self, batch: &[Record], failed: impl Fn(&Fault) -> Refused) -> Vec<Answer> {
        let mut answers = Vec::with_capacity(batch.len());
        for group in batch.chunk_by(|one, next| !stands_alone(one) && !stands_alone(next)) {
            match self.write(group).await {
                Ok(committed) => answers.extend(committed),
                // One record that PostgreSQL cannot keep must not disturb its neighbours.
                Err(fault) if fault.is_refusal() && group.len() > 1 => {
                    for record in group {
                        let answer = self.write(slice::from_ref(record)).await.map(|mut answers| answers.remove(0));
                        answers.push(answer.unwrap_or_else(|fault| Err(failed(&fault))));
                    }
                }
                Err(fault) => answers.extend(group.iter().map(|_| Err(failed(&fault)))),
            }
        }
        answers
    }

    /// One transaction, done again where another one was in its way.
    async fn write(&self, group: &[Record]) -> Result<Vec<Answer>, Fault> {
        let mut tries = 0;
        loop {
            let fault = match self.attempt(group).await {
                Ok(answers) => return Ok(answers),
                Err(fault) => fault,
            };
            tries += 1;
            // A connection of the pool may be one that a restarted server has forgotten: two more are worth a try.
            if !(fault.is_conflict() && tries < TRIES || fault.is_lost() && tries < 3) {
                return Err(fault);
            }
            sleep(Duration::from_millis(u64::from(tries.min(8)))).await;
        }
    }

    async fn attempt(&self, records: &[Record]) -> Result<Vec<Answer>, Fault> {
        let client = self.pool.get().await?;
        let (mut writes, answers) = match judge(&client, records).await {
            Ok(judged) => judged,
            Err(fault) => return Err(abandon(client, fault).await),
        };
        let token = Uuid::now_v7();
        if !writes.is_empty() {
            writes.push(Query::new(TOKEN).with(token).with(std::mem::take(&mut *self.known())));
        }
        writes.push(Query::new("COMMIT"));
        match all(&client, &writes).await {
            Ok(_) => {
                self.known().push(token);
                Ok(answers)
            }
            Err(fault) if fault.is_lost() => {
                drop(Object::take(client));
                match self.took_place(token).await {
                    Some(true) => Ok(answers),
                    Some(false) => Err(fault),
                    None => Err(Fault::Unknown),
                }
            }
            Err(fault) => Err(abandon(client, fault).await),
        }
    }

    fn known(&self) -> MutexGuard<'_, Vec<Uuid>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became of a transaction whose answer was lost. None where nobody can be asked.
    async fn took_place(&self, token: Uuid) -> Option<bool> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(settled) = self.settle(token).await {
                return Some(!settled);
            }
            if Instant::now() > deadline {
                return None;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether it is now certain that the transaction does not take place.
    async fn settle(&self, token: Uuid) -> Result<bool, Fault> {
        let rows = one(&self.pool.get().await?, Query::new(SETTLE).with(token)).await?;
        Ok(!rows.is_empty())
    }
}

/// Whether a record concerns runs that it does not name.
fn stands_alone(record: &Record) -> bool {
    matches!(record, Record::ClaimAny { .. } | Record::Release { .. } | Record::Prune { .. })
}

/// Begins a transaction and judges the records in it. Gives what is to be written, and the answers.
async fn judge(client: &Client, records: &[Record]) -> Result<(Vec<Query>, Vec<Answer>), Fault> {
    let mut group = Group::default();
    let mut queries = vec![Query::new("BEGIN ISOLATION LEVEL READ COMMITTED")];
    if let Some(look) = records.first().and_then(load::look) {
        queries.push(look);
        let rows = all(client, &std::mem::take(&mut queries)).await?;
        group.found = rows.last().into_iter().flatten().map(load::run_of).collect::<Result<_, _>>()?;
    }
    let begun = queries.len();
    let (loads, reads): (Vec<_>, Vec<_>) = load::queries(records, &group.found).into_iter().unzip();
    queries.extend(loads);
    let rows = all(client, &queries).await?;
    for (rows, read) in rows[begun..].iter().zip(reads) {
        rows.iter().try_for_each(|row| read(&mut group, row))?;
    }
    let answers = records.iter().map(|record| group.apply(record.clone())).collect();
    Ok((group.writes()?, answers))
}

/// Ends a transaction that failed, so that the next one to use the connection finds none.
async fn abandon(client: Client, fault: Fault) -> Fault {
    if client.batch_execute("ROLLBACK").await.is_err() {
        drop(Object::take(client));
    }
    fault
}
