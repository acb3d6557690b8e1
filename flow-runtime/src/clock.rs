//! The only place that knows the time.

use std::time::SystemTime;

/// The present, as it is written into the store.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
