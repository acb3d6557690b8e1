//! Sleeps on a clock that the test moves.

use std::time::{Duration, Instant, SystemTime};

use flow_runtime::store::{History, Sqlite, Store};
use flow_runtime::testing::{Clock, PostgresServer};
use flow_runtime::{Outcome, RunStatus, Runtime, signal, sleep, sleep_until, suspend, workflow};
use tests::modes;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[suspend(resume = bool)]
fn review(text: &str) -> String {
    text.to_owned()
}

workflow! {
    Month<u32 -> u32>(days) {
        let mut day: u32 = 0;
        while day < days {
            sleep(DAY).await?;
            day += 1;
        }
        Ok(day)
    }
}

workflow! {
    Year<u32 -> u32>(days) {
        let first = Month(days).await?;
        let second = #[at(again)] Month(days).await?;
        Ok(first + second)
    }
}

workflow! {
    Arms<Vec<u32> -> u32>(days) {
        try_join_all!(&days, |days| sleep(*days * DAY))?;
        let (_, month) = try_join!(sleep(DAY), Month(2))?;
        Ok(month)
    }
}

workflow! {
    Reviewed<u32 -> Option<bool>>(days) {
        let seen = select! {
            seen = review("now or never") => Some(seen?),
            _ = sleep(days * DAY) => None,
        };
        Ok(seen)
    }
}

workflow! {
    Later<u32 -> u32>(days) {
        sleep(days * DAY).await?;
        let cents = signal::<u32>("payment").await?;
        Ok(cents)
    }
}

workflow! {
    Past<u32 -> u32>(turns) {
        let mut turn: u32 = 0;
        while turn < turns {
            sleep_until(SystemTime::UNIX_EPOCH).await?;
            sleep(Duration::ZERO).await?;
            turn += 1;
        }
        Ok(turn)
    }
}

async fn runtime(store: impl Store, clock: &Clock, linger: Duration) -> Runtime<()> {
    let builder = modes::driven(Runtime::builder(())).store(store).clock(clock).linger(linger);
    let builder = builder.register::<Month>().register::<Year>().register::<Arms>().register::<Reviewed>();
    builder.register::<Later>().register::<Past>().build().await.unwrap()
}

/// The store keeps whole milliseconds.
fn close(moved: Duration, expected: Duration) {
    assert!(moved <= expected && expected - moved <= Duration::from_millis(1), "{moved:?}, not {expected:?}");
}

async fn a_year(store: impl Store) {
    let (clock, begun) = (Clock::new(), Instant::now());
    let runtime = runtime(store, &clock, Duration::ZERO).await;
    let started = clock.now();
    let run = runtime.start::<Year>(30).await.unwrap();
    for _ in 0..60 {
        close(clock.advance_to_next().await, DAY);
    }
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 60);
    let last = runtime.history().events(run.id(), 0).await.unwrap().pop().unwrap();
    assert_eq!(last.fact.name(), "run.completed");
    let passed = last.time.duration_since(started).unwrap();
    assert!(passed > 60 * DAY - Duration::from_secs(1), "{passed:?}");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn months_pass_at_once_in_memory() {
    a_year(modes::store().await).await;
}

#[tokio::test]
async fn months_pass_at_once_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    a_year(Sqlite::open(folder.path().join("flow.db")).unwrap()).await;
}

#[tokio::test]
async fn months_pass_at_once_in_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    a_year(server.store().await.unwrap()).await;
}

#[tokio::test]
async fn without_being_moved_the_clock_stands() {
    let clock = Clock::new();
    let store = modes::store().await;
    let runtime = runtime(store.clone(), &clock, Duration::ZERO).await;
    let run = runtime.start::<Month>(1).await.unwrap();
    while run.status().await.unwrap() != RunStatus::Suspended {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    clock.advance(DAY - Duration::from_millis(1));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(run.status().await.unwrap(), RunStatus::Suspended);
    close(clock.advance_to_next().await, Duration::from_millis(1));
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 1);
}

#[tokio::test]
async fn arms_sleep_each_for_itself() {
    let clock = Clock::new();
    let store = modes::store().await;
    let runtime = runtime(store.clone(), &clock, Duration::ZERO).await;
    let run = runtime.start::<Arms>(vec![3, 1, 2]).await.unwrap();
    while store.timers(10).await.unwrap().len() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    clock.advance(3 * DAY);
    while store.timers(10).await.unwrap().iter().filter(|timer| timer.due > clock.now()).count() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    clock.advance(DAY);
    close(clock.advance_to_next().await, DAY);
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), 2);
}

#[tokio::test]
async fn a_deadline_withdraws_what_came_too_late() {
    let clock = Clock::new();
    let store = modes::store().await;
    let runtime = runtime(store.clone(), &clock, Duration::ZERO).await;
    let run = runtime.start::<Reviewed>(7).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    let open = pending.one::<review>().unwrap();
    close(clock.advance_to_next().await, 7 * DAY);
    while let Outcome::Suspended(_) = run.outcome().await.unwrap() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), None);
    let late = open.resume(true).await.unwrap_err();
    assert!(late.is_withdrawn(), "{late}");

    let run = runtime.start::<Reviewed>(7).await.unwrap();
    let pending = run.outcome().await.unwrap().suspended().unwrap();
    pending.one::<review>().unwrap().resume(true).await.unwrap();
    assert_eq!(run.outcome().await.unwrap().completed().unwrap(), Some(true));
    assert!(store.timers(10).await.unwrap().is_empty(), "the loser's timer is gone");
}

#[tokio::test]
async fn a_run_that_sleeps_can_be_cancelled() {
    for (linger, status) in [(Duration::ZERO, RunStatus::Suspended), (DAY, RunStatus::Running)] {
        let clock = Clock::new();
        let store = modes::store().await;
        let runtime = runtime(store.clone(), &clock, linger).await;
        let run = runtime.start::<Month>(1).await.unwrap();
        while store.timers(1).await.unwrap().is_empty() || run.status().await.unwrap() != status {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        run.cancel().await.unwrap();
        assert!(store.timers(1).await.unwrap().is_empty());
        clock.advance(2 * DAY);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(matches!(run.outcome().await.unwrap(), Outcome::Cancelled));
        let last = store.events(run.id(), 0).await.unwrap().pop().unwrap();
        assert_eq!(last.fact.name(), "run.cancelled");
    }
}

async fn misfits(store: impl Store) {
    let clock = Clock::new();
    let runtime = runtime(store, &clock, Duration::ZERO).await;
    let run = runtime.start::<Later>(1).await.unwrap();
    // Nobody waits for it yet, so nobody can say that it does not fit.
    run.signal("payment", &"much").await.unwrap();
    clock.advance_to_next().await;
    for retry in [true, false] {
        let error = loop {
            match run.outcome().await.unwrap() {
                Outcome::Failed(error) => break error,
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        };
        assert!(error.to_string().contains("the signal `payment` does not fit"), "{error}");
        if retry {
            run.retry().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_signal_that_came_early_and_does_not_fit_is_named_in_memory() {
    misfits(modes::store().await).await;
}

#[tokio::test]
async fn a_signal_that_came_early_and_does_not_fit_is_named_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    misfits(Sqlite::open(folder.path().join("flow.db")).unwrap()).await;
}

#[tokio::test]
async fn a_signal_that_came_early_and_does_not_fit_is_named_in_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    misfits(server.store().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_that_is_due_on_parking_is_not_lost() {
    let clock = Clock::new();
    let runtime = runtime(modes::store().await, &clock, Duration::ZERO).await;
    let run = runtime.start::<Past>(300).await.unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(20), run.outcome()).await;
    assert_eq!(outcome.expect("it hangs").unwrap().completed().unwrap(), 300);
}
