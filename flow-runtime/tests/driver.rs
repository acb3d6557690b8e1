//! What a run does, seen from outside.

mod machines;

use std::sync::atomic::Ordering;
use std::time::Duration;

use flow_runtime::event::Fact;
use flow_runtime::store::RunFilter;
use flow_runtime::{Error, Outcome, Run, RunId, RunStatus, Runtime};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;

use machines::{App, Fan, Linear, Looping, Pair, ask, review};

async fn runtime(app: &App, linger: u64) -> Runtime<App> {
    let builder = Runtime::builder(app.clone()).store(machines::store().await).linger(Duration::from_millis(linger));
    builder.register::<Linear>().register::<Looping>().register::<Pair>().register::<Fan>().build().await.unwrap()
}

async fn names<W>(run: &Run<W>) -> Vec<&'static str> {
    let events: Vec<_> = run.events(0).try_collect().await.unwrap();
    assert!(events.iter().map(|event| event.seq).eq(0..events.len() as u64), "numbered without a gap");
    events.iter().map(|event| event.fact.name()).collect()
}

#[tokio::test]
async fn a_run_ends_with_its_output() {
    let app = App::default();
    app.stumbles.store(1, Ordering::SeqCst);
    let runtime = runtime(&app, 0).await;
    let run = runtime.start::<Linear>(40).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 42);
    let expected =
        ["run.started", "step.started", "step.retried", "step.completed", "step.started", "step.completed", "run.completed"];
    assert_eq!(names(&run).await, expected);
    assert!(runtime.snapshot(run.id()).await.unwrap().frames.is_empty());
}

#[tokio::test]
async fn a_key_names_one_run() {
    let app = App::default();
    let runtime = runtime(&app, 0).await;
    let first = runtime.start::<Linear>(1).key("order-17").await.unwrap();
    let again = runtime.start::<Linear>(1).key("order-17").await.unwrap();
    assert_eq!(first.id(), again.id());
    let error = runtime.start::<Linear>(2).key("order-17").await.unwrap_err();
    assert!(error.is_key_conflict() && error.to_string().contains("`order-17`"), "{error}");
    let error = runtime.start::<Pair>(1).key("order-17").await.unwrap_err();
    assert!(error.is_key_conflict() && error.to_string().contains("`linear`, not of `pair`"), "{error}");
}

#[tokio::test]
async fn two_workflows_of_one_name_are_refused() {
    let error = Runtime::builder(App::default()).register::<Linear>().register::<Linear>().build().await.unwrap_err();
    assert!(error.to_string().contains("`linear`"), "{error}");
}

#[tokio::test]
async fn a_loop_asks_again_and_no_answer_counts_twice() {
    for linger in [0, 200] {
        let runtime = runtime(&App::default(), linger).await;
        let run = runtime.start::<Looping>(0).await.unwrap();
        let first = run.outcome().await.unwrap().suspended().unwrap().one::<review>().unwrap();
        assert_eq!((first.address(), first.payload().unwrap()), ("review#0", 1));
        first.resume(false).await.unwrap();
        assert!(first.resume(true).await.unwrap_err().is_already_resumed());
        let second = run.outcome().await.unwrap().suspended().unwrap().one::<review>().unwrap();
        assert_eq!((second.address(), second.payload().unwrap()), ("review#1", 2));
        assert!(first.resume(true).await.unwrap_err().is_already_resumed());
        assert!(runtime.resume(run.id(), "review#7", json!(true)).await.unwrap_err().is_not_suspended());
        assert_eq!(run.outcome().await.unwrap().suspended().unwrap().iter().count(), 1);
        second.resume(true).await.unwrap();
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 2);
        assert!(second.resume(true).await.unwrap_err().is_already_resumed());
    }
}

#[tokio::test]
async fn errors_say_what_is_wrong() {
    let runtime = runtime(&App::default(), 0).await;
    let run = runtime.start::<Looping>(0).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    let (id, nobody) = (run.id(), RunId::new());
    let not_there = runtime.resume(id, "review#1", json!(true)).await.unwrap_err();
    assert_eq!(not_there.to_string(), format!("run `{id}` is not suspended at `review#1`; open: `review#0`"));
    let wrong = runtime.resume(id, "looping/review#0", json!("yes")).await.unwrap_err();
    assert!(wrong.is_invalid_payload() && wrong.to_string().contains("`review#0`"), "{wrong}");
    assert_eq!(runtime.cancel(nobody).await.unwrap_err().to_string(), format!("there is no run `{nobody}`"));
    assert!(runtime.run::<Pair>(id).await.unwrap_err().is_unknown_workflow());
    assert!(runtime.run::<Pair>(nobody).await.unwrap_err().is_unknown_run());
    assert!(pending.one::<ask>().unwrap_err().to_string().contains("open: `review#0`"));
    assert!(run.retry().await.unwrap_err().is_wrong_status());
    runtime.resume(id, "looping/review#0", json!(true)).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 1);
    assert!(run.cancel().await.unwrap_err().is_wrong_status());
}

#[tokio::test]
async fn a_run_is_at_rest_only_when_every_arm_waits() {
    let app = App::gated();
    let runtime = runtime(&app, 0).await;
    let run = runtime.start::<Pair>(0).await.unwrap();
    app.open(1);
    while run.pending().await.unwrap().iter().count() == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let outcome = tokio::time::timeout(Duration::from_millis(250), run.outcome()).await;
    assert!(outcome.is_err(), "the other arm still works: {outcome:?}");
    app.open(1);
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    let several = pending.one::<ask>().unwrap_err().to_string();
    assert!(several.contains("`both#0/left#0/ask#0`, `both#0/right#0/ask#0`"), "{several}");
    let right = pending.at::<ask>("both#0/right#0/ask#0").unwrap();
    right.resume(2).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap().one::<ask>().unwrap().resume(40).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 42);
}

#[tokio::test]
async fn a_cancelled_run_ends_where_it_stands() {
    let app = App::gated();
    let runtime = runtime(&app, 0).await;
    let running = runtime.start::<Pair>(0).await.unwrap();
    app.until_called("pair/both#0/left#0/work#0").await;
    running.cancel().await.unwrap();
    assert!(matches!(running.outcome().await.unwrap(), Outcome::Cancelled));
    while app.dropped.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    running.cancel().await.unwrap();
    assert_eq!(names(&running).await.last(), Some(&"run.cancelled"));

    app.open(100);
    let parked = runtime.start::<Looping>(0).await.unwrap();
    let pending = parked.outcome().await.unwrap().suspended().unwrap().one::<review>().unwrap();
    parked.cancel().await.unwrap();
    assert!(pending.resume(true).await.unwrap_err().is_withdrawn());
    assert!(parked.outcome().await.unwrap().completed().unwrap_err().is_cancelled());
}

#[tokio::test]
async fn a_retry_goes_on_from_the_failed_place() {
    let app = App::gated();
    let runtime = runtime(&app, 0).await;
    let run = runtime.start::<Pair>(0).await.unwrap();
    app.until_called("pair/both#0/right#0/work#0").await;
    app.open(1);
    while run.pending().await.unwrap().iter().count() == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let open = run.pending().await.unwrap().one::<ask>().unwrap();
    open.resume(40).await.unwrap();
    app.fails.store(true, Ordering::SeqCst);
    // The answered arm finishes before the other one fails.
    while !runtime.history().inbox(run.id()).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    app.open(1);
    let error = run.outcome().await.unwrap().completed().unwrap_err();
    assert!(error.is_step() && error.to_string() == "the server is down", "{error:?}");
    assert_eq!(error.path(), Some("pair/both#0/right#0/work#0"));
    app.fails.store(false, Ordering::SeqCst);
    app.open(1);
    run.retry().await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap().one::<ask>().unwrap().resume(2).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 42);
    assert_eq!((app.calls_of("pair/both#0/left#0/work#0"), app.calls_of("pair/both#0/right#0/work#0")), (1, 2));
}

#[tokio::test]
async fn a_panic_in_plain_code_fails_the_run_alone() {
    let app = App::default();
    let runtime = runtime(&app, 0).await;
    app.panics.store(true, Ordering::SeqCst);
    let run = runtime.start::<Linear>(1).await.unwrap();
    let error = run.outcome().await.unwrap().completed().unwrap_err();
    assert!(error.is_panic() && error.to_string().contains("in plain code"), "{error}");
    app.panics.store(false, Ordering::SeqCst);
    run.retry().await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 3);
}

#[tokio::test]
async fn a_value_over_the_limit_is_named() {
    let runtime = Runtime::builder(App::default()).value_limit(3).register::<Linear>().build().await.unwrap();
    let error = runtime.start::<Linear>(u32::MAX).await.unwrap_err();
    assert!(error.is_too_large() && error.to_string().contains("`n`"), "{error}");
}

#[tokio::test]
async fn the_decoded_state_goes_on() {
    let builder = Runtime::builder(App::default()).reload_every_transition(true).linger(Duration::ZERO);
    let runtime = builder.register::<Looping>().build().await.unwrap();
    let run = runtime.start::<Looping>(5).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap().one::<review>().unwrap().resume(true).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 6);
}

#[tokio::test]
async fn a_watcher_sees_everything_once() {
    let app = App::gated();
    let runtime = runtime(&app, 0).await;
    let run = runtime.start::<Linear>(1).await.unwrap();
    let deltas = tokio::spawn(run.deltas().take(1).collect::<Vec<_>>());
    let watcher = tokio::spawn(run.events(0).try_collect::<Vec<_>>());
    app.until_called("linear/one#0").await;
    let late = tokio::spawn(run.events(2).try_collect::<Vec<_>>());
    app.open(2);
    let (all, rest) = (watcher.await.unwrap().unwrap(), late.await.unwrap().unwrap());
    assert!(matches!(all.last().unwrap().fact, Fact::RunCompleted));
    assert!(all.iter().map(|event| event.seq).eq(0..all.len() as u64));
    assert_eq!(rest, all[2..]);
    assert_eq!(deltas.await.unwrap()[0].delta, json!("working"));
    let unknown: Vec<Result<_, Error>> = runtime.events(RunId::new(), 0).collect().await;
    assert!(unknown.len() == 1 && unknown[0].as_ref().unwrap_err().is_unknown_run());
}

#[tokio::test]
async fn runs_are_listed() {
    let runtime = runtime(&App::default(), 0).await;
    let run = runtime.start::<Looping>(1).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap();
    while run.status().await.unwrap() == RunStatus::Running {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let filter = RunFilter { status: Some(RunStatus::Suspended), ..RunFilter::default() };
    assert_eq!(runtime.runs(filter).await.unwrap().iter().map(|row| row.run).collect::<Vec<_>>(), [run.id()]);
    assert_eq!(runtime.snapshot(run.id()).await.unwrap().frames["looping"].place, "review");
}
