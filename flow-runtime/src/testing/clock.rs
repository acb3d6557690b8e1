//! A clock that a test moves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

/// A clock that stands still until it is told to move: a workflow that sleeps a month is tested in milliseconds.
///
/// It is given to a runtime with [`Builder::clock`](crate::Builder::clock), and a clone of it is the same clock. It is the time of
/// `sleep`, `sleep_until` and of the events. What happens within this process goes on in real time: leases, timeouts, and the
/// pauses between the attempts of a step.
///
/// ```
/// use std::time::Duration;
/// use flow_runtime::testing::Clock;
/// use flow_runtime::{Runtime, sleep, workflow};
///
/// const DAY: Duration = Duration::from_secs(24 * 3600);
///
/// workflow! {
///     Dunning<String -> String>(name) {
///         sleep(30 * DAY).await?;
///         Ok(format!("{name}, please pay"))
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), flow_runtime::Error> {
/// let clock = Clock::new();
/// let runtime = Runtime::builder(()).clock(&clock).register::<Dunning>().build().await?;
/// let run = runtime.start::<Dunning>("Ada".to_owned()).await?;
/// assert_eq!(clock.advance_to_next().await, 30 * DAY);
/// assert_eq!(run.outcome().await?.completed()?, "Ada, please pay");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Clock(Arc<watch::Sender<State>>);

#[derive(Debug)]
struct State {
    now: SystemTime,
    /// Until when each runtime sleeps.
    sleepers: BTreeMap<u64, SystemTime>,
    /// The number of the next sleeper.
    next: u64,
}

impl Clock {
    /// A clock that stands at the present.
    pub fn new() -> Self {
        let state = State { now: crate::clock::now(), sleepers: BTreeMap::new(), next: 0 };
        Self(Arc::new(watch::Sender::new(state)))
    }

    /// The time it shows.
    pub fn now(&self) -> SystemTime {
        self.0.borrow().now
    }

    /// Moves it. A run that has not come to its sleep yet will sleep from the new time on; to move once a run sleeps, see
    /// [`advance_to_next`](Self::advance_to_next).
    ///
    /// # Panics
    /// When the time gets too late for the platform to tell.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|state| state.now += by);
    }

    /// Waits until a run sleeps, and moves the clock to the moment at which the first of all sleeps ends. Gives how far that was.
    pub async fn advance_to_next(&self) -> Duration {
        self.somebody_sleeps().await;
        let mut moved = Duration::ZERO;
        self.0.send_modify(|state| {
            if let Some(due) = state.due() {
                moved = due.duration_since(state.now).unwrap_or_default();
                state.now = due;
            }
        });
        moved
    }

    /// Waits until a run sleeps.
    pub(super) async fn somebody_sleeps(&self) {
        let mut seen = self.0.subscribe();
        // The channel lives as long as this clock does.
        let _ = seen.wait_for(|state| state.due().is_some()).await;
    }

    pub(crate) async fn sleep_until(&self, due: SystemTime) {
        let mut seen = self.0.subscribe();
        let _sleeper = Sleeper::new(self, due);
        let _ = seen.wait_for(|state| state.now >= due).await;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// When the first sleep ends that has not ended yet.
    fn due(&self) -> Option<SystemTime> {
        self.sleepers.values().copied().filter(|due| *due > self.now).min()
    }
}

/// Somebody sleeps, as long as this lives.
struct Sleeper<'a> {
    clock: &'a Clock,
    number: u64,
}

impl<'a> Sleeper<'a> {
    fn new(clock: &'a Clock, due: SystemTime) -> Self {
        let mut number = 0;
        clock.0.send_modify(|state| {
            number = state.next;
            state.next += 1;
            state.sleepers.insert(number, due);
        });
        Self { clock, number }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.clock.0.send_if_modified(|state| {
            state.sleepers.remove(&self.number);
            false
        });
    }
}
