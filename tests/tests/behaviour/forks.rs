//! A new run from a state of another one, which stays as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use flow_runtime::event::Fact;
use flow_runtime::store::{Keys, RunRow, Sealed, Store};
use flow_runtime::{
    Durability, Error, Outcome, Pending, Provide, Run, RunId, Runtime, StepContext, Workflow, sleep, step, suspend, workflow,
};
use tests::modes;
use tokio::sync::Notify;

/// Each step that was executed, by its key.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<Vec<String>>>);

/// Where the step `halve` is: that it has begun, and that it may go on.
#[derive(Clone, Default)]
struct Gate(Arc<(Notify, Notify)>);

#[derive(Clone, Default, Provide)]
struct App {
    ledger: Ledger,
    gate: Gate,
}

#[step]
async fn add(sum: u32, more: u32, #[resource] ledger: &Ledger, #[context] step: &StepContext) -> Result<u32, Error> {
    ledger.0.lock().unwrap().push(step.idempotency_key());
    Ok(sum + more)
}

#[step]
async fn write(words: usize, #[resource] ledger: &Ledger, #[context] step: &StepContext) -> Result<String, Error> {
    ledger.0.lock().unwrap().push(step.idempotency_key());
    Ok("word ".repeat(words))
}

#[suspend(resume = u32)]
fn ask(sum: u32) -> u32 {
    sum
}

workflow! {
    Count<u32 -> u32>(turns) {
        let mut sum: u32 = 0;
        for turn in 0..turns {
            sum = add(sum, turn).await?;
            if sum > 100 {
                sum = #[at(large)] add(sum, 1000).await?;
            }
            sum += ask(sum).await?;
        }
        Ok(sum)
    }
}

workflow! {
    Inner<u32 -> u32>(sum) {
        let more = add(sum, 1).await?;
        let asked = ask(more).await?;
        Ok(more + asked)
    }
}

workflow! {
    Sides<u32 -> u32>(sum) {
        let first = add(sum, 1).await?;
        let (left, right) = try_join!(#[at(left)] Inner(first), #[at(right)] async {
            let one = #[at(one)] add(first, 10).await?;
            let asked = #[at(two)] ask(one).await?;
            Ok(asked + one)
        })?;
        let right: u32 = right;
        let sum = #[at(last)] add(left, right).await?;
        Ok(sum)
    }
}

workflow! {
    Behind<u32 -> u32>(sum) {
        let (left, right) = try_join!(#[at(left)] add(sum, 1), #[at(right)] add(sum, 2))?;
        ask(left + right).await
    }
}

workflow! {
    Text<usize -> usize>(words) {
        let text = write(words).await?;
        let seen = ask(text.len() as u32).await?;
        let more = #[at(more)] write(seen as usize).await?;
        Ok(text.len() + more.len())
    }
}

/// Fails for an odd number; says that it began, and waits until it may go on.
#[step]
async fn halve(sum: u32, #[resource] gate: &Gate) -> Result<u32, Error> {
    gate.0.0.notify_one();
    gate.0.1.notified().await;
    if sum.is_multiple_of(2) { Ok(sum / 2) } else { Err(Error::new(format!("{sum} is odd"))) }
}

workflow! {
    Half<u32 -> u32>(sum) {
        let more = add(sum, 1).await?;
        halve(more).await
    }
}

workflow! {
    Slow<u32 -> u32>(sum) {
        let sum = add(sum, 1).await?;
        sleep(Duration::from_millis(300)).await?;
        let sum = #[at(after)] add(sum, 1).await?;
        Ok(sum)
    }
}

async fn runtime(checkpoints: bool) -> Runtime<App> {
    runtime_on(modes::store().await, checkpoints).await
}

async fn runtime_on(store: Arc<dyn Store>, checkpoints: bool) -> Runtime<App> {
    let builder = modes::driven(Runtime::builder(App::default())).store(store).checkpoints(checkpoints);
    let builder = builder.register::<Count>().register::<Inner>().register::<Sides>().register::<Text>();
    builder.register::<Behind>().register::<Half>().register::<Slow>().build().await.unwrap()
}

/// The steps that a run has executed, without its id.
fn executed(runtime: &Runtime<App>, run: RunId) -> Vec<String> {
    let keys = runtime.app().ledger.0.lock().unwrap();
    keys.iter().filter_map(|key| key.strip_prefix(&format!("{run}/"))).map(str::to_owned).collect()
}

async fn answer<W: Workflow<App>>(run: &Run<W>, answers: &[u32]) -> W::Output {
    for answer in answers {
        let pending = run.outcome().await.unwrap().suspended().unwrap();
        pending.one::<ask>().unwrap().resume(*answer).await.unwrap();
    }
    run.outcome().await.unwrap().completed().unwrap()
}

/// All that is stored of a run.
async fn stored(runtime: &Runtime<App>, run: RunId) -> (RunRow, BTreeMap<String, Vec<u8>>, usize) {
    let history = runtime.history();
    let events = history.events(run, 0).await.unwrap().len();
    (history.run(run).await.unwrap().unwrap(), history.frames(run).await.unwrap().into_iter().collect(), events)
}

#[tokio::test]
async fn a_completed_run_is_forked_in_the_middle_of_a_loop() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Count>(3).await.unwrap();
    assert_eq!(answer(&run, &[10, 20, 30]).await, 63);
    let before = stored(&runtime, run.id()).await;

    let same = runtime.fork::<Count>(run.id(), "ask#1").await.unwrap();
    assert_eq!(answer(&same, &[20, 30]).await, 63, "the same answers give the same");
    assert_eq!(executed(&runtime, same.id()), ["count/add#2"], "what was done before the place is not done again");
    let other = runtime.fork::<Count>(run.id(), "ask#1").await.unwrap();
    assert_eq!(answer(&other, &[0, 0]).await, 13);

    let edited = runtime.fork::<Count>(run.id(), "add#1").set("sum", &200_u32).await.unwrap();
    assert_eq!(answer(&edited, &[0, 0]).await, 200 + 1 + 1000 + 2 + 1000, "another branch is taken");
    let anew = runtime.fork::<Count>(run.id(), "start#0").await.unwrap();
    assert_eq!(answer(&anew, &[1, 1, 1]).await, 6);
    assert_eq!(executed(&runtime, anew.id()).len(), 3);

    let after = stored(&runtime, run.id()).await;
    assert_eq!(format!("{before:?}"), format!("{after:?}"), "the old run stays as it is");
    let events = runtime.history().events(same.id(), 0).await.unwrap();
    let of = run.id();
    assert_eq!(events[1].fact, Fact::RunForked { of, at: "count/ask#1".to_owned() });
}

#[tokio::test]
async fn a_fork_of_a_fork_goes_on_from_there() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Count>(3).await.unwrap();
    assert_eq!(answer(&run, &[10, 20, 30]).await, 63);
    let second = runtime.fork::<Count>(run.id(), "ask#0").await.unwrap();
    assert_eq!(answer(&second, &[1, 2, 3]).await, 9);
    let third = runtime.fork::<Count>(second.id(), "ask#2").await.unwrap();
    assert_eq!(answer(&third, &[100]).await, 106);
    assert!(executed(&runtime, third.id()).is_empty());
}

#[tokio::test]
async fn arms_that_have_ended_are_kept_and_the_others_begin_again_where_they_were() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Sides>(1).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    let addresses = |pending: &Pending| pending.iter().map(|open| open.address().to_owned()).collect::<BTreeSet<_>>();
    let (left, right) = ("left_right#0/left#0/inner#0/ask#0", "left_right#0/right#0/two#0");
    assert_eq!(addresses(&pending), [left, right].map(str::to_owned).into());
    runtime.resume(run.id(), left, 5.into()).await.unwrap();
    let _ = run.outcome().await.unwrap().suspended().unwrap();

    // The right arm came there before the left one had its answer.
    let both = runtime.fork::<Sides>(run.id(), right).await.unwrap();
    let waits = both.outcome().await.unwrap().suspended().unwrap();
    assert_eq!(addresses(&waits), [left, right].map(str::to_owned).into());
    for address in [left, right] {
        runtime.resume(both.id(), address, 7.into()).await.unwrap();
    }
    assert_eq!(both.outcome().await.unwrap().completed().unwrap(), (3 + 7) + (12 + 7));
    assert!(!executed(&runtime, both.id()).contains(&"sides/add#0".to_owned()), "nothing before is done again");

    // The left arm has ended.
    let one = runtime.fork::<Sides>(run.id(), "left_right#0/left#0").await.unwrap();
    assert_eq!(addresses(&one.pending().await.unwrap()), [right.to_owned()].into());
    runtime.resume(one.id(), right, 1.into()).await.unwrap();
    assert_eq!(one.outcome().await.unwrap().completed().unwrap(), (3 + 5) + (12 + 1));

    assert_eq!(addresses(&run.pending().await.unwrap()), [right.to_owned()].into(), "the old run still waits");
    runtime.resume(run.id(), right, 7.into()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), (3 + 5) + (12 + 7));
}

#[tokio::test]
async fn arms_that_were_left_do_not_come_along() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Behind>(1).await.unwrap();
    assert_eq!(answer(&run, &[7]).await, 7);
    let fork = runtime.fork::<Behind>(run.id(), "ask#0").await.unwrap();
    fork.outcome().await.unwrap().suspended().unwrap();
    assert_eq!(stored(&runtime, fork.id()).await.1.into_keys().collect::<Vec<_>>(), ["behind"]);
    assert_eq!(answer(&fork, &[8]).await, 8);
    assert_eq!(executed(&runtime, fork.id()), [""; 0]);
}

#[tokio::test]
async fn the_present_place_is_forked_without_checkpoints() {
    let runtime = runtime(false).await;
    let run = runtime.start::<Sides>(1).await.unwrap();
    let waiting = run.outcome().await.unwrap().suspended().unwrap();
    assert_eq!(waiting.iter().count(), 2);
    let fork = runtime.fork::<Sides>(run.id(), "left_right#0").await.unwrap();
    let pending = fork.outcome().await.unwrap().suspended().unwrap();
    for open in pending.iter() {
        runtime.resume(fork.id(), open.address(), 1.into()).await.unwrap();
    }
    assert_eq!(fork.outcome().await.unwrap().completed().unwrap(), 3 + 1 + 12 + 1);
    assert_eq!(executed(&runtime, fork.id()), ["sides/last#0"]);
    assert_eq!(run.pending().await.unwrap().iter().count(), 2, "the old run still waits for both");

    let error = runtime.fork::<Sides>(run.id(), "add#0").await.unwrap_err();
    assert!(error.is_wrong_status(), "{error:?}");
    let told = error.to_string();
    assert!(told.contains("keeps its present state alone, which is at `left_right#0`, "), "{told}");
    assert!(told.ends_with("fork it there, or start runs with `checkpoints(true)`"), "{told}");
    let error = runtime.fork::<Sides>(fork.id(), "left_right#0").await.unwrap_err();
    assert!(
        error.to_string().ends_with("is completed and keeps no states: start runs with `checkpoints(true)` to fork them"),
        "{error}"
    );
}

#[tokio::test]
async fn a_failed_fork_begins_nothing() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Count>(2).await.unwrap();
    answer(&run, &[10, 20]).await;
    let runs = runtime.runs(Default::default()).await.unwrap().len();
    let told = async |fork: flow_runtime::Fork<Count, App>| fork.await.map(|_| ()).unwrap_err();
    let error = told(runtime.fork(run.id(), "ask#7")).await;
    assert!(error.is_wrong_status());
    assert!(
        error.to_string().contains("was never at `ask#7`; it was at `start#0`, `add#0`, `ask#0`, `add#1`, `ask#1`"),
        "{error}"
    );
    let error = told(runtime.fork(run.id(), "ask#0").set("sun", &1_u32)).await;
    assert!(
        error.is_incompatible() && error.to_string().starts_with("no variable `sun` is alive at `ask`; there are "),
        "{error}"
    );
    let error = told(runtime.fork(run.id(), "ask#0").set("sum", "many")).await;
    assert!(error.is_incompatible() && error.to_string().contains("`sum` at `ask` has another type"), "{error}");
    let error = told(runtime.fork(RunId::new(), "ask#0")).await;
    assert!(error.is_unknown_run(), "{error}");
    let error = runtime.fork::<Text>(run.id(), "ask#0").await.unwrap_err();
    assert!(error.is_unknown_workflow(), "{error}");
    assert_eq!(runtime.runs(Default::default()).await.unwrap().len(), runs);
}

#[tokio::test]
async fn large_values_come_along() {
    come_along(runtime(true).await).await;
}

async fn come_along(runtime: Runtime<App>) {
    let run = runtime.start::<Text>(10_000).await.unwrap();
    assert_eq!(answer(&run, &[3]).await, 50_015);
    let fork = runtime.fork::<Text>(run.id(), "ask#0").await.unwrap();
    assert_eq!(answer(&fork, &[4]).await, 50_020);
    let edited = runtime.fork::<Text>(run.id(), "ask#0").set("text", &"x".repeat(70_000)).await.unwrap();
    assert_eq!(answer(&edited, &[1]).await, 70_005);
}

#[tokio::test]
async fn a_time_stays_the_same_time() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Slow>(1).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 3);
    let begun = SystemTime::now();
    let fork = runtime.fork::<Slow>(run.id(), "sleep#0").await.unwrap();
    let Outcome::Completed(sum) = fork.outcome().await.unwrap() else { panic!("the time is over") };
    assert_eq!(sum, 3);
    assert_eq!(executed(&runtime, fork.id()), ["slow/after#0"]);
    assert!(begun.elapsed().unwrap() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_fork_with_a_key_is_made_once() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Count>(1).await.unwrap();
    answer(&run, &[1]).await;
    let fork = runtime.fork::<Count>(run.id(), "ask#0").key("what-if").await.unwrap();
    let again = runtime.fork::<Count>(run.id(), "ask#0").key("what-if").await.unwrap();
    assert_eq!(fork.id(), again.id());
}

#[tokio::test]
async fn a_failed_run_is_forked_where_it_failed() {
    for checkpoints in [false, true] {
        let runtime = runtime(checkpoints).await;
        let gate = runtime.app().gate.0.clone();
        let run = runtime.start::<Half>(2).await.unwrap();
        gate.1.notify_one();
        let error = run.outcome().await.unwrap().completed().unwrap_err();
        assert!(error.to_string().contains("3 is odd"), "{error}");
        let before = stored(&runtime, run.id()).await;

        let fork = runtime.fork::<Half>(run.id(), "halve#0").set("more", &8_u32).await.unwrap();
        gate.1.notify_one();
        assert_eq!(fork.outcome().await.unwrap().completed().unwrap(), 4);
        assert_eq!(executed(&runtime, fork.id()), [""; 0]);
        let after = stored(&runtime, run.id()).await;
        assert_eq!((&after.1, after.2), (&before.1, before.2));
        assert!(after.0.error.is_some(), "the old run is still failed");
    }
}

#[tokio::test]
async fn a_run_is_forked_while_its_step_is_executed() {
    let runtime = runtime(false).await;
    let gate = runtime.app().gate.0.clone();
    let run = runtime.start::<Half>(3).await.unwrap();
    gate.0.notified().await;
    let fork = runtime.fork::<Half>(run.id(), "halve#0").set("more", &8_u32).await.unwrap();
    gate.0.notified().await;
    // Both are in the step; who came first goes on first.
    for (run, half) in [(run, 2), (fork, 4)] {
        gate.1.notify_one();
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), half);
    }
}

#[tokio::test]
async fn a_fork_is_as_durable_as_the_run() {
    let runtime = runtime(true).await;
    let run = runtime.start::<Count>(1).durability(Durability::Suspend).await.unwrap();
    assert_eq!(answer(&run, &[5]).await, 5);
    let fork = runtime.fork::<Count>(run.id(), "ask#0").await.unwrap();
    assert_eq!(answer(&fork, &[6]).await, 6);
    for run in [run.id(), fork.id()] {
        assert_eq!(stored(&runtime, run).await.0.durability, Durability::Suspend);
    }
}

#[tokio::test]
async fn a_sealed_run_is_forked() {
    let store = Sealed::new(modes::store().await, Keys::new("2026", [7; 32]));
    come_along(runtime_on(Arc::new(store), true).await).await;
}
