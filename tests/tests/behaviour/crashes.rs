//! Workflows that are interrupted at each of their records, by `testing::crashes`.

use std::collections::{BTreeMap, BTreeSet};
use std::future::IntoFuture;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flow_runtime::testing::{self, AtRest, Moment};
use flow_runtime::{Durability, Error, Provide, Runtime, StepContext, StepError, signal, sleep, step, suspend, workflow};
use futures::FutureExt;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What lies outside: what was charged, by the key it was charged under, and how often somebody tried to.
#[derive(Clone, Default)]
struct Bank {
    charged: Arc<Mutex<BTreeMap<String, u32>>>,
    booked: Arc<Mutex<Vec<u32>>>,
}

/// What a process remembers, and loses.
#[derive(Default)]
struct Memory(Mutex<BTreeSet<u32>>);

#[derive(Provide, Default)]
struct App {
    bank: Bank,
    memory: Memory,
}

fn at(bank: &Bank) -> flow_runtime::Builder<App> {
    Runtime::builder(App { bank: bank.clone(), memory: Memory::default() })
}

/// Once for each key.
#[step]
async fn charge(cents: u32, #[resource] bank: &Bank, #[context] cx: &StepContext) -> Result<u32, StepError> {
    bank.charged.lock().unwrap().insert(cx.idempotency_key(), cents);
    tokio::task::yield_now().await;
    Ok(cents)
}

/// Each time.
#[step]
async fn book(cents: u32, #[resource] bank: &Bank) -> Result<u32, StepError> {
    bank.booked.lock().unwrap().push(cents);
    Ok(cents)
}

#[step]
async fn remember(cents: u32, #[resource] memory: &Memory) -> Result<u32, StepError> {
    memory.0.lock().unwrap().insert(cents);
    Ok(cents)
}

#[step]
async fn remembered(#[resource] memory: &Memory) -> Result<u32, StepError> {
    Ok(memory.0.lock().unwrap().iter().sum())
}

#[step(retries = 3, backoff = "1ms")]
async fn slow(cents: u32) -> Result<u32, StepError> {
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(cents)
}

#[suspend(resume = bool, deadline = "7d")]
fn approval(cents: u32) -> u32 {
    cents
}

workflow! {
    Part<u32 -> u32>(cents) {
        sleep(DAY).await?;
        charge(cents).await
    }
}

workflow! {
    /// All the kinds of places.
    Order<u32 -> u32>(n) {
        let mut total: u32 = charge(n).await?;
        let (left, right) = try_join!(#[at(left)] charge(n + 1), Part(n + 2))?;
        total += left + right;
        for turn in 0..n {
            total += #[at(again)] charge(turn).await?;
            sleep(30 * DAY).await?;
        }
        let parts = try_join_all!(0..3u32, |part| #[at(part)] charge(part), limit = 2)?;
        total += parts.iter().sum::<u32>();
        if !approval(total).await? {
            return Ok(0);
        }
        let tip = signal::<u32>("tip").await?;
        Ok(total + tip)
    }
}

async fn approves(rest: AtRest<impl Sized>) -> Result<(), Error> {
    match rest.pending.one::<approval>() {
        Ok(approval) => approval.resume(true).await,
        Err(_) => rest.run.signal_as("tip", "tip", &5).await,
    }
}

#[tokio::test]
async fn a_workflow_of_months_stands_every_crash() {
    let begun = Instant::now();
    let crashes =
        testing::crashes::<Order, _, Bank>(at, 2).answer(approves).same(|bank| bank.charged.lock().unwrap().clone()).await;
    assert!(crashes > 80, "only {crashes} cases");
    assert!(begun.elapsed() < Duration::from_secs(30), "{crashes} cases took {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stands_them_on_several_threads() {
    testing::crashes::<Order, _, Bank>(at, 1).answer(approves).same(|bank| bank.charged.lock().unwrap().clone()).await;
}

// In real time the next look for runs that nobody drives is seconds away, wherever an answer is lost.
#[tokio::test(start_paused = true)]
async fn it_stands_them_out_of_memory_wherever_it_waits() {
    let begin = |bank: &Bank| at(bank).linger(Duration::ZERO);
    let crashes =
        testing::crashes::<Order, _, _>(begin, 2).answer(approves).same(|bank| bank.charged.lock().unwrap().clone()).await;
    assert!(crashes > 90, "the run leaves memory too: {crashes} cases");
}

#[tokio::test]
async fn it_stands_them_if_it_is_written_only_when_it_waits() {
    let seldom = testing::crashes::<Order, _, Bank>(at, 2).durability(Durability::Suspend);
    let crashes = seldom.answer(approves).same(|bank| bank.charged.lock().unwrap().clone()).await;
    assert!((12..80).contains(&crashes), "fewer records than of a run that is written at each place: {crashes} cases");
}

workflow! {
    Twice<u32 -> u32>(cents) {
        let once = charge(cents).await?;
        let twice = #[at(again)] charge(once).await?;
        Ok(once + twice)
    }
}

#[tokio::test]
async fn each_case_ends_a_process_or_loses_an_answer() {
    let begun = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&begun);
    let begin = move |bank: &Bank| {
        count.fetch_add(1, Ordering::SeqCst);
        at(bank).register::<Twice>()
    };
    let cases = testing::crashes::<Twice, _, _>(begin, 1).await;
    assert_eq!(cases, 3 * 4, "the start; the first step begins; it ends, the second begins; that ends, and the run");
    // `Before` and `After` take two processes each, `Lost` and the undisturbed run one.
    assert_eq!(begun.load(Ordering::SeqCst), 1 + 5 * (cases / 3));
}

workflow! {
    Forgets<u32 -> u32>(cents) {
        let kept = remember(cents).await?;
        let sum = remembered().await?;
        Ok(kept + sum)
    }
}

workflow! {
    Books<u32 -> u32>(cents) {
        let booked = book(cents).await?;
        Ok(booked)
    }
}

workflow! {
    Fails<u32 -> u32>(cents) {
        let () = Err(StepError::terminal("out of money"))?;
        charge(cents).await
    }
}

workflow! {
    Asks<u32 -> String>(cents) {
        let answer = match approval(cents).await {
            Ok(approved) => format!("{approved}"),
            Err(error) if error.is_expired() => "nobody answered".to_owned(),
            Err(error) => return Err(error.into()),
        };
        Ok(answer)
    }
}

/// What a crash test that finds something says.
async fn said(crashes: impl IntoFuture<Output = usize>) -> String {
    let payload = AssertUnwindSafe(crashes.into_future()).catch_unwind().await.expect_err("nothing was found");
    payload.downcast_ref::<String>().expect("a panic with a text").clone()
}

/// The case that it names.
fn alone(said: &str) -> (usize, Moment) {
    let (record, moment) = said.split_once("`.only(").unwrap().1.split_once(", Moment::").unwrap();
    let moment = match moment.strip_suffix(")`").unwrap() {
        "Before" => Moment::Before,
        "After" => Moment::After,
        "Lost" => Moment::Lost,
        other => panic!("no moment: {other}"),
    };
    (record.parse().unwrap(), moment)
}

#[tokio::test]
async fn what_only_a_process_knows_is_missed() {
    let test = || testing::crashes::<Forgets, _, Bank>(at, 7);
    let found = said(test()).await;
    assert!(found.contains("`forgets` does not stand this: the process is gone "), "{found}");
    assert!(found.contains("step.completed `forgets/remember#0`"), "{found}");
    assert!(found.contains("the output: 7\n") && found.contains("undisturbed: 14\n"), "{found}");

    let (record, moment) = alone(&found);
    assert_eq!(said(test().only(record, moment)).await, found, "the same case alone");
    assert_eq!(test().only(1, Moment::Lost).await, 1, "another case alone");
}

#[tokio::test]
async fn an_effect_that_happens_twice_is_found() {
    let found = said(testing::crashes::<Books, _, Bank>(at, 7).same(|bank| bank.booked.lock().unwrap().clone())).await;
    assert!(found.contains("what `.same(..)` looks at: [7, 7]\n"), "{found}");
    assert!(found.contains("undisturbed              : [7]\n"), "{found}");
    // Nobody looks.
    testing::crashes::<Books, _, Bank>(at, 7).await;
}

#[tokio::test]
async fn a_deadline_passes_when_the_test_says_so() {
    let nobody = |rest: AtRest<_>| async move {
        rest.clock.advance_to_next().await;
        Ok(())
    };
    testing::crashes::<Asks, _, Bank>(at, 7).answer(nobody).await;
    testing::crashes::<Asks, _, Bank>(at, 7).answer(approves).await;
}

workflow! {
    InTime<u32 -> Option<u32>>(cents) {
        let done = select! {
            cents = slow(cents) => Some(cents?),
            _ = sleep(DAY) => None,
        };
        Ok(done)
    }
}

#[tokio::test]
async fn time_stands_still_while_a_step_works() {
    testing::crashes::<InTime, _, ()>(|()| Runtime::builder(()), 7).await;
}

#[tokio::test]
async fn a_step_may_be_faked() {
    let fake = testing::fake::<slow>(|cents| async move { Ok(cents + 1) });
    let calls = fake.clone();
    testing::crashes::<InTime, _, ()>(move |()| Runtime::builder(()).fake(&fake), 7).await;
    assert!(!calls.calls().is_empty());
}

#[tokio::test]
async fn a_test_that_cannot_end_says_why() {
    let found = said(testing::crashes::<Fails, _, Bank>(at, 7)).await;
    assert_eq!(found, "`fails`, undisturbed: the run failed: out of money");

    let found = said(testing::crashes::<Asks, _, Bank>(at, 7)).await;
    assert_eq!(found, "`asks`, undisturbed: the run waits at `asks/approval#0`: say with `.answer(..)` what it gets");

    let found = said(testing::crashes::<Twice, _, Bank>(at, 7).only(5, Moment::Before)).await;
    assert_eq!(found, "`twice` has no record 5: it writes 4, the first is 1");

    let wrong = |rest: AtRest<_>| async move { rest.pending.at::<approval>("elsewhere").map(|_| ()) };
    let found = said(testing::crashes::<Asks, _, Bank>(at, 7).answer(wrong)).await;
    assert!(found.contains("what `.answer(..)` does fails: nothing waits at `elsewhere`"), "{found}");
}

#[tokio::test]
async fn an_answer_that_does_nothing_is_told() {
    let found = said(testing::crashes::<Asks, _, Bank>(at, 7).answer(|_| async { Ok(()) })).await;
    assert!(found.contains("still does after what `.answer(..)` did"), "{found}");
}
