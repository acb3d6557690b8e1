//! The only place that knows the time.

use std::time::{Duration, SystemTime};

/// The present, as it is written into the store.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// How long it is until a time; nothing, if it is past.
pub(crate) fn until(time: SystemTime) -> Duration {
    time.duration_since(now()).unwrap_or_default()
}
