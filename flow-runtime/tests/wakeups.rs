//! Answers that come at the worst moment: none is lost, none counts twice.

mod machines;

use std::sync::Arc;
use std::time::Duration;

use flow_runtime::store::Store;
use flow_runtime::{Definition, Outcome, Run, Runtime};
use futures::future::join_all;
use serde_json::json;

use machines::{App, Fan, Looping, review};

const ARMS: u32 = 300;

async fn runtime(store: &Arc<dyn Store>, linger: u64) -> Runtime<App> {
    let builder = Runtime::builder(App::default()).store(store.clone()).linger(Duration::from_millis(linger));
    // A lease so long that no run is rescued by being claimed again.
    builder.lease(Duration::from_secs(120)).register::<Looping>().register::<Fan>().build().await.unwrap()
}

/// Answers arms of a fan, each from a task of its own.
async fn answer(runtime: &Runtime<App>, run: &Run<Fan>, arms: std::ops::Range<u32>) {
    let id = run.id();
    let tasks = arms.map(|i| {
        let runtime = runtime.clone();
        tokio::spawn(async move { runtime.resume(id, &format!("all#0/a{i}#0"), json!(i)).await })
    });
    join_all(tasks).await.into_iter().for_each(|task| task.unwrap().unwrap());
}

/// What a run comes to; a lost wake-up shows as a run that hangs.
async fn outcome<W: Definition>(run: &Run<W>) -> Outcome<W::Output> {
    let outcome = tokio::time::timeout(Duration::from_secs(20), run.outcome()).await;
    outcome.unwrap_or_else(|_| panic!("run {} hangs", run.id())).unwrap()
}

async fn sum(run: &Run<Fan>) -> u32 {
    outcome(run).await.completed().unwrap()
}

/// A wake that tokio defers because the task's budget is used up: arms that have their answer look idle.
#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_arms_answered_at_once_all_finish() {
    for round in 0..6 {
        let runtime = runtime(&machines::store().await, [0, 1, 200][round % 3]).await;
        let run = runtime.start::<Fan>(ARMS).await.unwrap();
        assert_eq!(outcome(&run).await.suspended().unwrap().iter().count(), ARMS as usize);
        answer(&runtime, &run, 0..ARMS).await;
        assert_eq!(sum(&run).await, (0..ARMS).sum::<u32>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_arms_all_finish_after_a_reload() {
    for _ in 0..4 {
        let store = machines::store().await;
        let first = runtime(&store, 0).await;
        let id = {
            let run = first.start::<Fan>(ARMS).await.unwrap();
            outcome(&run).await.suspended().unwrap();
            answer(&first, &run, 0..10).await;
            outcome(&run).await.suspended().unwrap();
            run.id()
        };
        first.shutdown().await.unwrap();
        // Nobody drives it: the answers gather, and are all there when it is taken up.
        let nobody = Runtime::builder(App::default()).store(store.clone()).build().await.unwrap();
        for i in 10..ARMS - 1 {
            nobody.resume(id, &format!("all#0/a{i}#0"), json!(i)).await.unwrap();
        }
        let second = runtime(&store, 0).await;
        let run = second.run::<Fan>(id).await.unwrap();
        answer(&second, &run, ARMS - 1..ARMS).await;
        assert_eq!(sum(&run).await, (0..ARMS).sum::<u32>());
    }
}

/// One answer, to an arm that is polled turns later than the first, when the others wait already.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_an_arm_that_is_not_polled_yet_is_taken() {
    for arm in [0, 127, 128, 150, 255, 299] {
        let store = machines::store().await;
        let first = runtime(&store, 0).await;
        let id = first.start::<Fan>(ARMS).await.unwrap().id();
        outcome(&first.run::<Fan>(id).await.unwrap()).await.suspended().unwrap();
        first.shutdown().await.unwrap();
        let second = runtime(&store, 0).await;
        second.resume(id, &format!("all#0/a{arm}#0"), json!(1)).await.unwrap();
        let run = second.run::<Fan>(id).await.unwrap();
        assert_eq!(outcome(&run).await.suspended().unwrap().iter().count(), ARMS as usize - 1);
        let left = second.history().inbox(id).await.unwrap();
        assert!(left.is_empty(), "parked with an answer that nobody took: {left:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_arms_answered_at_the_same_moment() {
    for round in 0..50 {
        let runtime = runtime(&machines::store().await, round % 3).await;
        let run = runtime.start::<Fan>(8).await.unwrap();
        outcome(&run).await.suspended().unwrap();
        let (all, barrier) = (runtime.clone(), Arc::new(tokio::sync::Barrier::new(8)));
        let tasks = (0..8).map(|i| {
            let (runtime, barrier, id) = (all.clone(), barrier.clone(), run.id());
            tokio::spawn(async move {
                barrier.wait().await;
                runtime.resume(id, &format!("all#0/a{i}#0"), json!(1)).await
            })
        });
        join_all(tasks).await.into_iter().for_each(|task| task.unwrap().unwrap());
        assert_eq!(sum(&run).await, 8);
    }
}

/// One run, asked a thousand times, answered at random moments around its parking, by two rivals.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_around_parking_is_never_lost() {
    const ROUNDS: u32 = 1000;
    let runtime = runtime(&machines::store().await, 0).await;
    let run = runtime.start::<Looping>(0).await.unwrap();
    let mut accepted = 0;
    for round in 0..ROUNDS {
        let address = format!("review#{round}");
        let asked = std::time::Instant::now();
        while !run.pending().await.unwrap().iter().any(|row| row.address() == address) {
            assert!(asked.elapsed() < Duration::from_secs(10), "the answer before `{address}` is lost");
            tokio::task::yield_now().await;
        }
        spin(u64::from(round).wrapping_mul(2_654_435_761) % 40);
        let last = round + 1 == ROUNDS;
        let rivals = (0..2).map(|_| {
            let (runtime, id, address) = (runtime.clone(), run.id(), address.clone());
            tokio::spawn(async move { runtime.resume(id, &address, json!(last)).await })
        });
        for rival in join_all(rivals).await {
            match rival.unwrap() {
                Ok(()) => accepted += 1,
                Err(error) => assert!(error.is_already_resumed(), "{error}"),
            }
        }
    }
    assert_eq!((outcome(&run).await.completed().unwrap(), accepted), (ROUNDS, ROUNDS));
}

fn spin(micros: u64) {
    let start = std::time::Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// After an accepted answer the suspension it answered is not what a run came to.
#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_is_never_stale() {
    for linger in [0, 50] {
        let runtime = runtime(&machines::store().await, linger).await;
        let run = runtime.start::<Looping>(0).await.unwrap();
        for turn in 0..100 {
            let open = outcome(&run).await.suspended().unwrap().one::<review>().unwrap();
            assert_eq!(open.address(), format!("review#{turn}"));
            open.resume(false).await.unwrap();
        }
    }
}

/// Nor does a run come to rest while an answer that was accepted is not taken.
#[tokio::test]
async fn an_accepted_answer_is_taken_before_the_run_is_at_rest() {
    let runtime = runtime(&machines::store().await, 500).await;
    let run = runtime.start::<Fan>(20).await.unwrap();
    outcome(&run).await.suspended().unwrap();
    for i in 0..19 {
        runtime.resume(run.id(), &format!("all#0/a{i}#0"), json!(1)).await.unwrap();
        let pending = outcome(&run).await.suspended().unwrap();
        assert_eq!(pending.iter().count(), 19 - i);
        assert!(runtime.history().inbox(run.id()).await.unwrap().is_empty());
    }
}
