//! A run that writes only when it waits or ends.

use std::sync::Arc;
use std::time::Duration;

use flow_runtime::event::Fact;
use flow_runtime::store::Store;
use flow_runtime::testing::Faulty;
use flow_runtime::{Durability, Error, Outcome, Provide, Runtime, step, suspend, workflow};
use tests::counting::Counting;
use tests::modes;
use tokio::sync::Notify;

/// Where the step `hold` stays until it is told.
#[derive(Clone, Default)]
struct Gate(Arc<(Notify, Notify)>);

#[derive(Clone, Default, Provide)]
struct App {
    gate: Gate,
}

#[step]
async fn add(sum: u32) -> Result<u32, Error> {
    if sum == 77 { Err(Error::new("no more")) } else { Ok(sum + 1) }
}

#[step]
async fn hold(sum: u32, #[resource] gate: &Gate) -> Result<u32, Error> {
    gate.0.0.notify_one();
    gate.0.1.notified().await;
    Ok(sum + 1)
}

#[suspend(resume = u32)]
fn ask(sum: u32) -> u32 {
    sum
}

workflow! {
    Count<u32 -> u32>(turns) {
        let mut sum: u32 = 0;
        while sum < turns {
            sum = add(sum).await?;
        }
        Ok(sum)
    }
}

workflow! {
    Asked<u32 -> u32>(turns) {
        let mut sum: u32 = 0;
        while sum < turns {
            sum = add(sum).await?;
        }
        sum += ask(sum).await?;
        while sum < turns * 3 {
            sum = #[at(more)] add(sum).await?;
        }
        sum = hold(sum).await?;
        Ok(sum)
    }
}

workflow! {
    Held<u32 -> u32>(turns) {
        let mut sum: u32 = 0;
        while sum < turns {
            sum = add(sum).await?;
        }
        hold(sum).await
    }
}

workflow! {
    Arms<u32 -> u32>(sum) {
        let first = add(sum).await?;
        let (sum, asked) = try_join!(#[at(work)] async {
            let one = #[at(one)] add(first).await?;
            let two = #[at(two)] add(one).await?;
            Ok(two)
        }, ask(first))?;
        let sum: u32 = sum;
        let sum = #[at(last)] add(sum + asked).await?;
        Ok(sum)
    }
}

fn runtime(store: &Arc<dyn Store>) -> flow_runtime::Builder<App> {
    let builder = Runtime::builder(App::default()).store(Arc::clone(store));
    modes::driven(builder).register::<Count>().register::<Asked>().register::<Arms>().register::<Held>()
}

async fn completed_steps(runtime: &Runtime<App>, run: flow_runtime::RunId) -> usize {
    let events = runtime.history().events(run, 0).await.unwrap();
    events.iter().filter(|event| matches!(event.fact, Fact::StepCompleted { .. })).count()
}

#[tokio::test]
async fn a_run_that_never_waits_is_written_twice() {
    let counting = Counting::new(modes::store().await);
    let store: Arc<dyn Store> = Arc::new(counting.clone());
    let runtime = runtime(&store).build().await.unwrap();
    let records = async |durability| {
        let before = counting.transitions();
        let run = runtime.start::<Count>(60).durability(durability).await.unwrap();
        assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 60);
        assert_eq!(completed_steps(&runtime, run.id()).await, 60, "each is told all the same");
        counting.transitions() - before
    };
    assert_eq!(records(Durability::Suspend).await, 1, "besides its start");
    assert!(records(Durability::Transition).await >= 60);
}

#[tokio::test]
async fn many_steps_are_written_now_and_then() {
    workflow! {
        Long<u32 -> u32>(turns) {
            let mut done: u32 = 0;
            while done < turns {
                done += #[at(turn)] add(done % 50).await? - done % 50;
            }
            Ok(done)
        }
    }
    let counting = Counting::new(modes::store().await);
    let store: Arc<dyn Store> = Arc::new(counting.clone());
    let runtime = runtime(&store).register::<Long>().build().await.unwrap();
    let run = runtime.start::<Long>(1000).durability(Durability::Suspend).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 1000);
    assert_eq!(counting.transitions(), 4, "each 257th with what was kept back, and the end");
    assert_eq!(completed_steps(&runtime, run.id()).await, 1000);
}

#[tokio::test]
async fn what_was_done_before_a_wait_is_there_when_another_process_takes_up() {
    let store = modes::store().await;
    let first = runtime(&store).linger(Duration::ZERO).build().await.unwrap();
    let run = first.start::<Asked>(10).durability(Durability::Suspend).await.unwrap();
    run.outcome().await.unwrap().suspended().unwrap();
    assert_eq!(completed_steps(&first, run.id()).await, 10);
    first.shutdown().await.unwrap();

    let second = runtime(&store).build().await.unwrap();
    let run = second.run::<Asked>(run.id()).await.unwrap();
    run.pending().await.unwrap().one::<ask>().unwrap().resume(5).await.unwrap();
    second.app().gate.0.0.notified().await;
    assert!(completed_steps(&second, run.id()).await < 26, "the step that executes is not the first since the answer");
    // What was done since is written when the process is told to stop, and not done again.
    second.shutdown().await.unwrap();

    let third = runtime(&store).build().await.unwrap();
    let run = third.run::<Asked>(run.id()).await.unwrap();
    assert_eq!(completed_steps(&third, run.id()).await, 26, "the answer counts, too");
    third.app().gate.0.0.notified().await;
    third.app().gate.0.1.notify_one();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 31);
    assert_eq!(completed_steps(&third, run.id()).await, 27);
}

#[tokio::test]
async fn a_failed_run_goes_on_where_it_failed() {
    let store = modes::store().await;
    let runtime = runtime(&store).build().await.unwrap();
    let run = runtime.start::<Count>(90).durability(Durability::Suspend).await.unwrap();
    for _ in 0..2 {
        let Outcome::Failed(error) = run.outcome().await.unwrap() else { panic!("it fails") };
        assert_eq!(error.path(), Some("count/add#77"));
        assert_eq!(completed_steps(&runtime, run.id()).await, 77, "nothing is done twice");
        runtime.retry(run.id()).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_kept_back_while_a_place_waits() {
    let store = modes::store().await;
    let runtime = runtime(&store).build().await.unwrap();
    let run = runtime.start::<Arms>(1).durability(Durability::Suspend).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    assert_eq!(completed_steps(&runtime, run.id()).await, 3, "the step before, and those of the other arm");
    pending.one::<ask>().unwrap().resume(10).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 15);
    assert_eq!(completed_steps(&runtime, run.id()).await, 5);
}

#[tokio::test]
async fn what_was_kept_back_is_done_again_after_a_crash() {
    let store = Faulty::new(modes::store().await, 1);
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let first = runtime(&shared).lease(Duration::from_millis(300)).build().await.unwrap();
    let run = first.start::<Held>(20).durability(Durability::Suspend).await.unwrap();
    first.app().gate.0.0.notified().await;
    assert_eq!(completed_steps(&first, run.id()).await, 0, "twenty steps are kept back");
    // As if the process were gone: it writes nothing any more.
    store.set_down(true);
    let _ = first.shutdown().await;
    store.set_down(false);

    let second = runtime(&shared).lease(Duration::from_millis(300)).build().await.unwrap();
    second.app().gate.0.0.notified().await;
    second.app().gate.0.1.notify_one();
    let run = second.run::<Held>(run.id()).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 21);
    assert_eq!(completed_steps(&second, run.id()).await, 21, "and each is recorded once");
}
