//! The only place that knows the time.

use std::time::{Duration, SystemTime};

use crate::testing;

/// The present of this machine: what leases are measured by.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// How long it is until a time; nothing, if it is past.
pub(crate) fn until(time: SystemTime) -> Duration {
    time.duration_since(now()).unwrap_or_default()
}

/// The time of runs: this machine's, or one that a test moves.
#[derive(Clone, Debug, Default)]
pub(crate) enum Clock {
    #[default]
    System,
    Moved(testing::Clock),
}

impl Clock {
    pub(crate) fn now(&self) -> SystemTime {
        match self {
            Self::System => now(),
            Self::Moved(clock) => clock.now(),
        }
    }

    pub(crate) async fn sleep_until(&self, time: SystemTime) {
        match self {
            // Rounded up, so that it is past on waking.
            Self::System => tokio::time::sleep(until(time) + Duration::from_millis(1)).await,
            Self::Moved(clock) => clock.sleep_until(time).await,
        }
    }
}
