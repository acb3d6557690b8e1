//! The reminder on a clock that the test moves, and its states as data.

use flow_runtime::testing::{Clock, assert_resumable};
use flow_runtime::{Outcome, Run, Runtime};

use super::{DAY, Reminder};

async fn started(clock: &Clock) -> Run<Reminder> {
    let runtime = Runtime::builder(()).clock(clock).register::<Reminder>().build().await.unwrap();
    runtime.start::<Reminder>("Ada".to_owned()).await.unwrap()
}

async fn ended(run: &Run<Reminder>) -> Option<u32> {
    loop {
        match run.outcome().await.unwrap() {
            Outcome::Suspended(_) => tokio::task::yield_now().await,
            ended => return ended.completed().unwrap(),
        }
    }
}

#[tokio::test]
async fn who_never_pays_is_asked_three_times() {
    let clock = Clock::new();
    let run = started(&clock).await;
    for _ in 0..3 {
        assert_eq!(clock.advance_to_next().await, 2 * DAY);
    }
    assert_eq!(ended(&run).await, None);
}

#[tokio::test]
async fn who_pays_late_is_not_asked_again() {
    let clock = Clock::new();
    let run = started(&clock).await;
    clock.advance_to_next().await;
    run.signal("payment", &4_200).await.unwrap();
    assert_eq!(ended(&run).await, Some(4_200));
}

#[test]
fn runs_in_flight_can_go_on() {
    assert_resumable::<Reminder>("states/reminder.lock");
}
