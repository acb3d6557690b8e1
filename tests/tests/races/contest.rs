//! Contenders: each does its operations one after the other, and all begin at one moment.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flow_runtime::{Error, RunId, Runtime};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::model::{Answer, Operation, Seen};
use crate::place::Purchase;

/// What one of them does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contender {
    pub(crate) operations: Vec<Operation>,
    /// How long after the others.
    pub(crate) delay: Duration,
}

/// What some of them do in one process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Heat {
    pub(crate) contenders: Vec<Contender>,
    pub(crate) key: String,
    /// Without it a contender begins with a start.
    pub(crate) run: Option<RunId>,
    /// When to begin, in nanoseconds.
    pub(crate) at: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Result {
    pub(crate) seen: Vec<Seen>,
    /// The runs that starts gave.
    pub(crate) runs: Vec<RunId>,
}

/// The time of all processes of a machine.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    u64::try_from(since.as_nanos()).expect("it is before 2554")
}

impl Heat {
    pub(crate) async fn run(&self, runtime: &Runtime<()>) -> Result {
        let contenders = self.contenders.iter().map(|contender| {
            let (runtime, heat, contender) = (runtime.clone(), self.clone(), contender.clone());
            tokio::spawn(async move { heat.contend(&runtime, &contender).await })
        });
        let mut all = Result::default();
        for result in join_all(contenders).await {
            let result = result.expect("a contender does not panic");
            all.seen.extend(result.seen);
            all.runs.extend(result.runs);
        }
        all
    }

    async fn contend(&self, runtime: &Runtime<()>, contender: &Contender) -> Result {
        let at = self.at + u64::try_from(contender.delay.as_nanos()).expect("delays are short");
        // A timer counts in milliseconds: the rest is waited for by looking.
        let early = Duration::from_nanos(at.saturating_sub(now())).saturating_sub(Duration::from_millis(2));
        tokio::time::sleep(early).await;
        while now() < at {
            tokio::task::yield_now().await;
        }
        let (mut run, mut result) = (self.run, Result::default());
        for operation in &contender.operations {
            let began = now();
            let done = self.perform(runtime, run, operation).await;
            let ended = now();
            let answer = done.as_ref().map_or_else(named, |started| started.map_or(Answer::Done, |_| Answer::Started));
            result.seen.push(Seen { operation: operation.clone(), answer, began, ended });
            // Whoever does not get the run knows of none.
            let Ok(started) = done.or_else(|error| run.map(|_| None).ok_or(error)) else { break };
            result.runs.extend(started);
            run = run.or(started);
        }
        result
    }

    async fn perform(
        &self,
        runtime: &Runtime<()>,
        run: Option<RunId>,
        operation: &Operation,
    ) -> std::result::Result<Option<RunId>, Error> {
        let known = || run.expect("a contender that knows no run begins with a start");
        let address = "approval#0";
        match operation {
            Operation::Start(input) => return Ok(Some(runtime.start::<Purchase>(*input).key(&self.key).await?.id())),
            Operation::Resume(answer, None) => runtime.resume(known(), address, json!(answer)).await?,
            Operation::Resume(answer, Some(request)) => runtime.resume_as(request, known(), address, json!(answer)).await?,
            Operation::Signal(sum, None) => runtime.signal(known(), "payment", sum).await?,
            Operation::Signal(sum, Some(request)) => runtime.signal_as(request, known(), "payment", sum).await?,
            Operation::Cancel => runtime.cancel(known()).await?,
        }
        Ok(None)
    }
}

fn named(error: &Error) -> Answer {
    match error {
        error if error.is_already_resumed() => Answer::AlreadyResumed,
        error if error.is_key_conflict() => Answer::KeyConflict,
        error if error.is_not_suspended() => Answer::NotSuspended,
        error if error.is_withdrawn() => Answer::Withdrawn,
        error if error.is_wrong_status() => Answer::WrongStatus,
        other => Answer::Other(other.to_string()),
    }
}
