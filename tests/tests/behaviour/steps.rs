//! What the options of a step do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flow_runtime::event::Fact;
use flow_runtime::{Error, Provide, Run, RunStatus, Runtime, StepContext, StepError, Workflow, step, suspend, workflow};

use futures::TryStreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::modes;

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

#[step(cache = "10m")]
async fn look_up(word: &str, page: Option<u32>, #[resource] calls: &Calls) -> Result<String, StepError> {
    let call = calls.begin();
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(format!("{word} {page:?} from call {call}"))
}

/// The same stored name and the same arguments: another step all the same.
mod other {
    use super::*;

    #[step(cache = "10m", id = "look_up")]
    pub(super) async fn look_up(word: &str, page: Option<u32>, #[resource] calls: &Calls) -> Result<String, StepError> {
        Ok(format!("another {word} {page:?} {}", calls.begin()))
    }
}

workflow! {
    LookUp<(String, u32) -> String>(query) {
        look_up(&query.0, Some(query.1)).await
    }
}

workflow! {
    LookUpBoth<String -> String>(word) {
        let (one, same, other) = try_join!(
            look_up(&word, None),
            #[at(same)] look_up(&word, None),
            #[at(other)] other::look_up(&word, None),
        )?;
        Ok(format!("{one}, {same}, {other}"))
    }
}

#[tokio::test]
async fn an_equal_call_takes_the_result_that_is_there() {
    let runtime = runtime::<LookUp>().await;
    let tea = ("tea".to_owned(), 1);
    let first = runtime.start::<LookUp>(tea.clone()).await.unwrap();
    assert_eq!(first.outcome().await.unwrap().completed().unwrap(), "tea Some(1) from call 0");
    let second = runtime.start::<LookUp>(tea).await.unwrap();
    assert_eq!(second.outcome().await.unwrap().completed().unwrap(), "tea Some(1) from call 0");
    let third = runtime.start::<LookUp>(("tea".to_owned(), 2)).await.unwrap();
    assert_eq!(third.outcome().await.unwrap().completed().unwrap(), "tea Some(2) from call 1");

    assert_eq!(names(&facts(&first).await), ["step.started", "step.completed"]);
    let second = facts(&second).await;
    assert_eq!(names(&second), ["step.started", "step.cached", "step.completed"]);
    assert_eq!(second[1].path(), Some("look_up/look_up#0"));
}

#[tokio::test]
async fn equal_calls_at_the_same_time_are_one() {
    let runtime = runtime::<LookUpBoth>().await;
    let mut runs = Vec::new();
    for _ in 0..8 {
        runs.push(runtime.start::<LookUpBoth>("tea".to_owned()).await.unwrap());
    }
    for run in runs {
        let output = run.outcome().await.unwrap().completed().unwrap();
        assert!(output.starts_with("tea None from call 0, tea None from call 0, another tea None 1"), "{output}");
    }
    assert_eq!(runtime.app().calls.all(), 2);
}

#[tokio::test]
async fn without_a_runtime_nothing_is_cached() {
    let app = App::default();
    for call in 0..2 {
        let output = LookUp::run(&app, ("tea".to_owned(), 1)).await.completed().unwrap();
        assert_eq!(output, format!("tea Some(1) from call {call}"));
    }
}

#[step(cache = "50ms")]
async fn soon_stale(#[resource] calls: &Calls) -> Result<usize, StepError> {
    Ok(calls.begin())
}

#[step(cache = "1h")]
async fn fails_first(#[resource] calls: &Calls) -> Result<usize, StepError> {
    match calls.begin() {
        0 => Err(StepError::terminal("not yet")),
        call => Ok(call),
    }
}

workflow! {
    SoonStale<() -> usize>(nothing) {
        let () = nothing;
        soon_stale().await
    }
}

workflow! {
    FailsFirst<() -> usize>(nothing) {
        let () = nothing;
        fails_first().await
    }
}

#[tokio::test]
async fn a_result_goes_stale_and_an_error_is_not_kept() {
    let runtime = modes::runtime(App::default()).await.register::<SoonStale>().register::<FailsFirst>().build().await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let run = runtime.start::<SoonStale>(()).await.unwrap();
        seen.push(run.outcome().await.unwrap().completed().unwrap());
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    assert_eq!(seen, [0, 1]);

    let runtime = self::runtime::<FailsFirst>().await;
    let run = runtime.start::<FailsFirst>(()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap_err().to_string(), "not yet");
    for _ in 0..2 {
        let run = runtime.start::<FailsFirst>(()).await.unwrap();
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 1);
    }
}

/// The first call never ends.
#[step(cache = "1h")]
async fn hangs_once(#[resource] calls: &Calls) -> Result<usize, StepError> {
    match calls.begin() {
        0 => std::future::pending().await,
        call => Ok(call),
    }
}

workflow! {
    HangsOnce<() -> usize>(nothing) {
        let () = nothing;
        hangs_once().await
    }
}

async fn until(app: &App, calls: usize) {
    while app.calls.all() < calls {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn when_the_call_that_runs_is_dropped_another_one_runs() {
    let runtime = runtime::<HangsOnce>().await;
    let first = runtime.start::<HangsOnce>(()).await.unwrap();
    until(runtime.app(), 1).await;
    let second = runtime.start::<HangsOnce>(()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(runtime.app().calls.all(), 1, "the second waits for the first");
    first.cancel().await.unwrap();
    assert_eq!(second.outcome().await.unwrap().completed().unwrap(), 1);
    assert_eq!(names(&facts(&second).await), ["step.started", "step.completed"]);
}

#[step(cache = "1h")]
async fn fails_slowly(#[resource] calls: &Calls) -> Result<usize, StepError> {
    calls.begin();
    tokio::time::sleep(Duration::from_millis(20)).await;
    Err(StepError::terminal("no"))
}

workflow! {
    FailsSlowly<() -> String>(nothing) {
        let () = nothing;
        let (one, two) = join!(fails_slowly(), #[at(other)] fails_slowly());
        let (Err(one), Err(two)) = (one, two) else { return Ok(String::new()) };
        Ok(format!("{one:?}, {two:?}"))
    }
}

#[tokio::test]
async fn an_error_of_an_equal_call_has_the_path_of_this_one() {
    let runtime = runtime::<FailsSlowly>().await;
    let run = runtime.start::<FailsSlowly>(()).await.unwrap();
    let output = run.outcome().await.unwrap().completed().unwrap();
    assert!(
        output.contains("fails_slowly_other#0/fails_slowly#0") && output.contains("fails_slowly_other#0/other#0"),
        "{output}"
    );
    assert_eq!(runtime.app().calls.all(), 1);
    assert_eq!(names(&facts(&run).await).iter().filter(|name| **name == "step.failed").count(), 2);
}

#[step(limit = "narrow: 3", timeout = "40ms")]
async fn narrow(#[resource] calls: &Calls) -> Result<(), StepError> {
    calls.begin();
    tokio::time::sleep(Duration::from_millis(15)).await;
    calls.end();
    Ok(())
}

#[step(limit = "narrow: 3")]
async fn narrow_too(#[resource] calls: &Calls) -> Result<(), StepError> {
    calls.begin();
    tokio::time::sleep(Duration::from_millis(15)).await;
    calls.end();
    Ok(())
}

workflow! {
    Narrow<() -> ()>(nothing) {
        let () = nothing;
        let ((), ()) = try_join!(narrow(), narrow_too())?;
        Ok(())
    }
}

#[tokio::test]
async fn a_limit_is_shared_by_runs_and_steps_and_is_no_part_of_the_timeout() {
    for (set, most) in [(None, 3), (Some(1), 1)] {
        let builder = modes::runtime(App::default()).await.register::<Narrow>().linger(Duration::from_millis(1));
        let builder = if let Some(most) = set { builder.limit("narrow", most) } else { builder };
        let runtime = builder.build().await.unwrap();
        let mut runs = Vec::new();
        for _ in 0..6 {
            runs.push(runtime.start::<Narrow>(()).await.unwrap());
        }
        for run in runs {
            run.outcome().await.unwrap().completed().unwrap();
        }
        assert_eq!((runtime.app().calls.all(), runtime.app().calls.most()), (12, most));
    }
}

#[tokio::test]
async fn whoever_waits_for_a_limit_can_be_cancelled() {
    #[step(limit = "stuck: 1")]
    async fn stuck(#[resource] calls: &Calls) -> Result<(), StepError> {
        calls.begin();
        std::future::pending().await
    }
    workflow! {
        Stuck<() -> ()>(nothing) {
            let () = nothing;
            stuck().await
        }
    }
    let runtime = runtime::<Stuck>().await;
    let first = runtime.start::<Stuck>(()).await.unwrap();
    until(runtime.app(), 1).await;
    let second = runtime.start::<Stuck>(()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    second.cancel().await.unwrap();
    assert_eq!(runtime.app().calls.all(), 1);
    first.cancel().await.unwrap();
    let third = runtime.start::<Stuck>(()).await.unwrap();
    until(runtime.app(), 2).await;
    third.cancel().await.unwrap();
}

#[tokio::test]
async fn a_run_that_waits_for_a_limit_is_not_parked() {
    #[step(limit = "single: 1")]
    async fn hold(milliseconds: u64, #[resource] calls: &Calls) -> Result<(), StepError> {
        calls.begin();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(())
    }
    #[suspend(resume = bool)]
    fn agreed() -> String {
        "Go on?".to_owned()
    }
    workflow! {
        Hold<u64 -> bool>(milliseconds) {
            let (agreed, ()) = try_join!(agreed(), hold(milliseconds))?;
            Ok(agreed)
        }
    }
    let builder = modes::runtime(App::default()).await.register::<Hold>().linger(Duration::from_millis(1));
    let runtime = builder.build().await.unwrap();
    let first = runtime.start::<Hold>(150).await.unwrap();
    until(runtime.app(), 1).await;
    let second = runtime.start::<Hold>(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(second.status().await.unwrap(), RunStatus::Running, "it waits for the slot of the first");
    for run in [first, second] {
        run.outcome().await.unwrap().suspended().unwrap().one::<agreed>().unwrap().resume(true).await.unwrap();
        assert!(run.outcome().await.unwrap().completed().unwrap());
    }
    assert_eq!(runtime.app().calls.all(), 2);
}

#[step(limit = "steady: 50/s")]
async fn steady() -> Result<(), StepError> {
    Ok(())
}

workflow! {
    Steady<() -> ()>(nothing) {
        let () = nothing;
        let mut turn: u32 = 0;
        while turn < 6 {
            steady().await?;
            turn += 1;
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_rate_holds_without_a_runtime_too() {
    let begin = std::time::Instant::now();
    Steady::run(&(), ()).await.completed().unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(100), "{:?}", begin.elapsed());
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
