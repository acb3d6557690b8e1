//! How a step is executed: its attempts, under its policy.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use tracing::Instrument;

use crate::context::{Attempt, Scope};
use crate::error::StepError;
use crate::event::Fact;
use crate::machine::At;
use crate::node::Call;
use crate::policy::Policy;

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
        let fact = |error: &StepError| (path.clone(), number, error.to_string());
        if number >= policy.retries || !error.is_retryable() {
            let (path, attempt, text) = fact(&error);
            note(scope, Fact::StepFailed { path: path.clone(), attempt, error: text });
            return Err(error.at(path));
        }
        let (path, attempt, text) = fact(&error);
        let wait = policy.backoff.wait(number, &path);
        note(scope, Fact::StepRetried { path, attempt, error: text });
        tokio::time::sleep(wait).await;
        number += 1;
    }
}

/// The one attempt of a step without options, driven without a run.
async fn once<C: Call>(scope: &Scope, at: &At, call: &C) -> Result<C::Output, StepError> {
    let attempt = Attempt { scope, at, number: 0 };
    match AssertUnwindSafe(call.attempt(&attempt)).catch_unwind().await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) => Err(error.at(at.name)),
        Err(payload) => Err(StepError::panicked(payload.as_ref()).at(at.name)),
    }
}

async fn one<C: Call>(attempt: &Attempt<'_>, policy: &Policy, call: &C) -> Result<C::Output, StepError> {
    let tried = AssertUnwindSafe(call.attempt(attempt)).catch_unwind();
    let tried = async { tried.await.unwrap_or_else(|payload| Err(StepError::panicked(payload.as_ref()))) };
    if attempt.scope.host.is_none() {
        return limited(policy, tried).await;
    }
    let span = tracing::info_span!("step", path = attempt.scope.place(attempt.at), attempt = attempt.number);
    limited(policy, tried).instrument(span).await
}

async fn limited<T>(policy: &Policy, tried: impl Future<Output = Result<T, StepError>>) -> Result<T, StepError> {
    let Some(limit) = policy.timeout else { return tried.await };
    let late = |_| Err(StepError::retryable(format!("took longer than its `timeout` of {limit:?}")));
    tokio::time::timeout(limit, tried).await.unwrap_or_else(late)
}

fn note(scope: &Scope, fact: Fact) {
    if let Some(host) = &scope.host {
        host.note(fact);
    }
}
