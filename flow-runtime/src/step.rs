//! How a step is executed: its attempts, under its policy.

mod cache;
mod limit;

use std::collections::HashMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, LazyLock};

use futures::FutureExt;
use futures::future::Either;
use tracing::Instrument;

use crate::context::{Attempt, Scope};
use crate::encoded::{EncodeError, Encoded};
use crate::error::StepError;
use crate::event::Fact;
use crate::machine::At;
use crate::node::{Call, Data, Keyed};
use crate::policy::Policy;
use crate::testing::fake::Fakes;

use self::cache::Cache;
pub use self::cache::CacheKey;
pub(crate) use self::limit::Allowed;
use self::limit::Limits;

/// What the steps of all runs of a runtime share.
#[derive(Debug)]
pub struct Shared {
    limits: Limits,
    cache: Option<Cache>,
    pub(crate) fakes: Fakes,
}

impl Shared {
    pub(crate) fn new(limits: HashMap<String, Allowed>, cache_bytes: u64, fakes: Fakes) -> Arc<Self> {
        Arc::new(Self { limits: Limits::new(limits), cache: Some(Cache::new(cache_bytes)), fakes })
    }

    /// Without a runtime: the limits of the process, and no cache, since each run may have another app.
    pub(crate) fn process() -> &'static Arc<Self> {
        static PROCESS: LazyLock<Arc<Shared>> =
            LazyLock::new(|| Arc::new(Shared { limits: Limits::default(), cache: None, fakes: Fakes::default() }));
        &PROCESS
    }
}

/// Tries a call until it succeeds, fails for good or has used its attempts up. A panic fails for good.
///
/// # Errors
/// The error of the last attempt.
pub async fn attempts<C: Call>(scope: &Scope, at: &At, policy: &'static Policy, call: C) -> Result<C::Output, StepError> {
    if scope.host.is_none() && *policy == Policy::ONCE {
        return once(scope, at, &call).await;
    }
    let _busy = scope.busy();
    let mut number = 0;
    loop {
        let error = match one(&Attempt { scope, at, number }, policy, &call).await {
            Ok(output) => return Ok(output),
            Err(error) => error,
        };
        let path = scope.place(at);
        if number >= policy.retries || !error.is_retryable() {
            return Err(failed(scope, path, number, error));
        }
        let wait = policy.backoff.wait(number, &path);
        note(scope, Fact::StepRetried { path, attempt: number, error: error.to_string() });
        tokio::time::sleep(wait).await;
        number += 1;
    }
}

/// The same for a step with a `cache`: the result of an equal call will do, if it is not too old.
///
/// # Errors
/// The error of the last attempt, which may be one of an equal call at the same time.
pub async fn cached<C: Keyed>(scope: &Scope, at: &At, policy: &'static Policy, call: C) -> Result<C::Output, StepError>
where
    C::Output: Data,
{
    let (Some(time_to_live), Some(cache)) = (policy.cache, &scope.shared().cache) else {
        return attempts(scope, at, policy, call).await;
    };
    let _busy = scope.busy();
    let path = scope.place(at);
    let key = call.key().map_err(|error| failed(scope, path.clone(), 0, error))?;
    let (mut ran, mut output) = (false, None);
    let run = async {
        ran = true;
        let fresh = attempts(scope, at, policy, call).await?;
        let encoded = Encoded::of(&fresh).map_err(unreadable);
        output = Some(fresh);
        encoded
    };
    let found = cache.get(key, time_to_live, run).await;
    match (output, found) {
        (Some(output), _) => Ok(output),
        (None, Err(error)) if ran => Err(error),
        (None, Err(error)) => Err(failed(scope, path.clone(), 0, error.moved_to(path))),
        (None, Ok(found)) => {
            let output = found.decode().map_err(|error| failed(scope, path.clone(), 0, unreadable(error)))?;
            note(scope, Fact::StepCached { path });
            Ok(output)
        }
    }
}

fn unreadable(error: EncodeError) -> StepError {
    StepError::terminal(format!("the result of a cached step {error}"))
}

/// Says that a step has failed for good.
fn failed(scope: &Scope, path: String, attempt: u32, error: StepError) -> StepError {
    note(scope, Fact::StepFailed { path: path.clone(), attempt, error: error.to_string() });
    error.at(path)
}

/// The one attempt of a step without options, driven without a run.
async fn once<C: Call>(scope: &Scope, at: &At, call: &C) -> Result<C::Output, StepError> {
    let attempt = Attempt { scope, at, number: 0 };
    match AssertUnwindSafe(call.attempt(&attempt)).catch_unwind().await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(error.at(at.name.clone())),
        Err(payload) => Err(StepError::panicked(payload.as_ref()).at(at.name.clone())),
    }
}

/// Waiting for a limit is no part of the attempt: its `timeout` begins behind it.
async fn one<C: Call>(attempt: &Attempt<'_>, policy: &Policy, call: &C) -> Result<C::Output, StepError> {
    let _slot = match &policy.limit {
        Some(limit) => attempt.scope.shared().limits.enter(limit).await?,
        None => None,
    };
    let tried = match call.faked(&attempt.scope.shared().fakes) {
        None => Either::Left(call.attempt(attempt)),
        Some(faked) => Either::Right(faked),
    };
    let tried = AssertUnwindSafe(tried).catch_unwind();
    let tried = async { tried.await.unwrap_or_else(|payload| Err(StepError::panicked(payload.as_ref()))) };
    if attempt.scope.host.is_none() {
        return in_time(policy, tried).await;
    }
    let span = tracing::info_span!("step", path = attempt.scope.place(attempt.at), attempt = attempt.number);
    in_time(policy, tried).instrument(span).await
}

async fn in_time<T>(policy: &Policy, tried: impl Future<Output = Result<T, StepError>>) -> Result<T, StepError> {
    let Some(limit) = policy.timeout else { return tried.await };
    tokio::time::timeout(limit, tried).await.unwrap_or_else(|_| Err(StepError::timed_out(limit)))
}

/// Runs the body of a blocking step on a thread that may block. The thread goes on when nobody waits for it any more.
///
/// # Errors
/// The step's own, and when tokio shuts down.
pub async fn blocking<T: Send + 'static>(body: impl FnOnce() -> Result<T, StepError> + Send + 'static) -> Result<T, StepError> {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(body)).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(StepError::retryable(error)),
    }
}

fn note(scope: &Scope, fact: Fact) {
    if let Some(host) = &scope.host {
        host.note(fact);
    }
}
