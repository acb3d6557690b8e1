//! What a step does beside asking the model: it tells errors apart, and leaves traces for tests.

use std::fs::OpenOptions;
use std::future::Future;
use std::io::Write;
use std::time::Duration;

use flow_runtime::{StepContext, StepError};

use crate::model::LlmError;

/// Does the work of a step. An error that no retry can overcome ends the step at once.
pub async fn observed<T>(cx: &StepContext, work: impl Future<Output = Result<T, LlmError>>) -> Result<T, StepError> {
    trace("start", cx)?;
    tokio::time::sleep(delay(cx)?).await;
    let result = work.await.map_err(|error| match error.is_retryable() {
        true => StepError::retryable(error),
        false => StepError::terminal(error),
    })?;
    trace("end", cx)?;
    Ok(result)
}

/// Appends a line to the file that `CONTENT_EFFECTS` names, in one write, so that lines of several processes stay whole.
fn trace(what: &str, cx: &StepContext) -> Result<(), StepError> {
    let Some(path) = std::env::var_os("CONTENT_EFFECTS") else { return Ok(()) };
    let line = format!("{what} {}\n", cx.idempotency_key());
    let file = OpenOptions::new().append(true).create(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
    written.map_err(|error| StepError::terminal(format!("cannot append to `{}`: {error}", path.display())))
}

/// `CONTENT_STEP_DELAY_MS=20,seo=800`: how long each step takes more, and one step in particular.
fn delay(cx: &StepContext) -> Result<Duration, StepError> {
    let Ok(setting) = std::env::var("CONTENT_STEP_DELAY_MS") else { return Ok(Duration::ZERO) };
    let wrong = || StepError::terminal(format!("`CONTENT_STEP_DELAY_MS` is milliseconds, as `20,seo=800`, not `{setting}`"));
    let (mut millis, mut own) = (0, None);
    for part in setting.split(',') {
        match part.split_once('=') {
            Some((step, value)) if cx.path().ends_with(&format!("/{step}#0")) => own = Some(value.parse().map_err(|_| wrong())?),
            Some(_) => {}
            None => millis = part.parse().map_err(|_| wrong())?,
        }
    }
    Ok(Duration::from_millis(own.unwrap_or(millis)))
}
