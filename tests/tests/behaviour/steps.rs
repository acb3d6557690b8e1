//! What the options of a step do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::event::Fact;
use flow_runtime::{Error, Provide, Run, RunStatus, Runtime, StepContext, StepError, Workflow, step, suspend, workflow};

use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::modes;

mod cache;
mod limit;

/// How often a step was called, and how often at the same time.
#[derive(Default)]
struct Calls {
    all: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Calls {
    fn begin(&self) -> usize {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        self.all.fetch_add(1, Ordering::SeqCst)
    }

    fn end(&self) {
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    fn all(&self) -> usize {
        self.all.load(Ordering::SeqCst)
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

#[derive(Provide, Default)]
struct App {
    calls: Calls,
}

async fn runtime<W: Workflow<App>>() -> Runtime<App> {
    modes::runtime(App::default()).await.register::<W>().build().await.unwrap()
}

/// What happened to the steps of a run that has ended.
async fn facts<W: Workflow<App>>(run: &Run<W>) -> Vec<Fact> {
    let events: Vec<_> = run.events(0).try_collect().await.unwrap();
    events.into_iter().map(|event| event.fact).filter(|fact| fact.name().starts_with("step.")).collect()
}

async fn until(app: &App, calls: usize) {
    while app.calls.all() < calls {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn names(facts: &[Fact]) -> Vec<&'static str> {
    facts.iter().map(Fact::name).collect()
}

#[derive(Debug, thiserror::Error)]
enum BankError {
    #[error("the line is busy")]
    Busy,
    #[error("the card was refused")]
    Refused,
}

fn is_busy(error: &BankError) -> bool {
    matches!(error, BankError::Busy)
}

#[step(retries = 5, backoff = "1ms", retry_if = is_busy)]
async fn charge(busy: usize, #[resource] calls: &Calls) -> Result<String, BankError> {
    if calls.begin() < busy { Err(BankError::Busy) } else { Err(BankError::Refused) }
}

#[step(retries = 2, backoff = "1ms", retry_if = |error| !matches!(error, BankError::Refused))]
async fn charge_closure(#[resource] calls: &Calls) -> Result<String, BankError> {
    calls.begin();
    Err(BankError::Refused)
}

workflow! {
    Charge<usize -> String>(busy) {
        match charge(busy).await {
            Ok(receipt) => Ok(receipt),
            Err(error) if error.is_terminal() => Ok(format!("for good: {error}")),
            Err(error) => Err(error.into()),
        }
    }
}

workflow! {
    ChargeClosure<() -> String>(nothing) {
        let () = nothing;
        charge_closure().await
    }
}

#[tokio::test]
async fn an_error_is_retried_only_if_the_step_says_so() {
    let app = App::default();
    assert_eq!(Charge::run(&app, 2).await.completed().unwrap(), "for good: the card was refused");
    assert_eq!(app.calls.all(), 3, "two were busy, the third refused");

    let app = App::default();
    let error = Charge::run(&app, 100).await.completed().unwrap_err();
    assert_eq!((error.to_string().as_str(), app.calls.all()), ("the line is busy", 6));

    let app = App::default();
    ChargeClosure::run(&app, ()).await.completed().unwrap_err();
    assert_eq!(app.calls.all(), 1);
}

#[step(timeout = "5ms", retries = 1, backoff = "1ms")]
async fn sleepy(#[resource] calls: &Calls) -> Result<String, StepError> {
    calls.begin();
    tokio::time::sleep(Duration::from_secs(60)).await;
    Ok("awake".to_owned())
}

workflow! {
    Sleepy<() -> String>(nothing) {
        let () = nothing;
        match sleepy().await {
            Err(error) if error.is_timeout() => Ok("too late".to_owned()),
            other => Ok(other?),
        }
    }
}

workflow! {
    Nested<() -> String>(nothing) {
        Ok(SleepyInside(nothing).await?)
    }
}

workflow! {
    SleepyInside<() -> String>(nothing) {
        let () = nothing;
        sleepy().await
    }
}

#[tokio::test]
async fn a_timeout_is_told_from_other_errors() {
    let app = App::default();
    assert_eq!(Sleepy::run(&app, ()).await.completed().unwrap(), "too late");
    assert_eq!(app.calls.all(), 2);
    let error = Nested::run(&app, ()).await.completed().unwrap_err();
    assert!(error.is_timeout() && error.is_step());
    let kept: Error = serde_json::from_str(&serde_json::to_string(&error).unwrap()).unwrap();
    assert!(kept.is_timeout());
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Image {
    pixels: Vec<u8>,
}

#[derive(Clone)]
struct Scale(u8);

#[derive(Provide)]
struct Studio {
    scale: Scale,
}

/// Blocks its thread, on one that may be blocked.
#[step(blocking, retries = 2, backoff = "1ms", timeout = "5s")]
fn resize(
    image: &Image,
    name: &str,
    by: u8,
    parts: &[String],
    #[resource] scale: &Scale,
    #[context] cx: &StepContext,
) -> Result<String, std::num::ParseIntError> {
    std::thread::sleep(Duration::from_millis(5));
    if cx.attempt() == 0 {
        return Err("x".parse::<u8>().unwrap_err());
    }
    assert!(!std::thread::current().name().is_some_and(|name| name.contains("a_blocking_step")), "on a thread of its own");
    let pixels = image.pixels.len() * usize::from(by) * usize::from(scale.0);
    Ok(format!("{name} {pixels} {}", parts.concat()))
}

#[step(blocking)]
fn bursts(image: Image) -> Result<String, StepError> {
    panic!("{} pixels are too many", image.pixels.len())
}

workflow! {
    Resize<Image -> String>(image) {
        let parts: Vec<String> = vec!["a".to_owned(), "b".to_owned()];
        let resized = resize(&image, "tea", 2, &parts).await?;
        match bursts(image).await {
            Err(error) if error.is_panic() => Ok(format!("{resized}, {error}")),
            other => Ok(other?),
        }
    }
}

#[tokio::test]
async fn a_blocking_step_runs_on_another_thread() {
    let studio = Studio { scale: Scale(3) };
    let output = Resize::run(&studio, Image { pixels: vec![0; 10] }).await.completed().unwrap();
    assert_eq!(output, "tea 60 ab, panicked: 10 pixels are too many");
    assert_eq!(resize_alone(), "tea 20 ");
}

/// A unit test calls it as it is written.
fn resize_alone() -> String {
    let cx = StepContext::without_run("resize/resize#0");
    match resize(&Image { pixels: vec![0; 10] }, "tea", 2, &[], &Scale(1), &cx) {
        Err(_) => "tea 20 ".to_owned(),
        Ok(other) => other,
    }
}

#[suspend(resume = bool)]
fn agree<'a>(names: &'a [String], map: std::borrow::Cow<'a, str>) -> String {
    format!("{names:?} {map}")
}

#[step]
async fn lifetimes<'a, 'b>(
    one: &'a str,
    two: Option<&'b str>,
    call: &(dyn Fn(&str) -> usize + Send + Sync),
) -> Result<usize, StepError>
where
    'b: 'a,
{
    Ok(call(one) + two.map_or(0, str::len))
}

#[step]
#[cfg(miri)]
async fn never(gone: Gone) -> Result<Gone, Gone> {
    gone
}

#[cfg(miri)]
#[step]
async fn never_either(gone: Gone) -> Result<Gone, Gone> {
    gone
}

#[step]
#[cfg(not(miri))]
async fn always() -> Result<usize, StepError> {
    Ok(1)
}

workflow! {
    Lifetimes<String -> usize>(word) {
        let names: Vec<String> = vec![word.clone()];
        if !agree(&names, word.as_str().into()).await? {
            return Ok(0);
        }
        Ok(lifetimes(&word, Some(&names[0]), &|text| text.len()).await? + always().await?)
    }
}

#[tokio::test]
async fn lifetimes_and_conditions_are_fine() {
    let mut parked = Lifetimes::run(&(), "tea".to_owned()).await.suspended().unwrap();
    assert_eq!(parked.pending[0].payload, "[\"tea\"] tea");
    parked.answer::<agree>(true).unwrap();
    assert_eq!(Lifetimes::go_on(&(), parked).await.completed().unwrap(), 7);
}
