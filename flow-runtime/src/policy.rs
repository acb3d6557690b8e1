//! How a step is tried: retries, backoff, timeout, cache, limit. Data and pure functions; the driver does the waiting.

use std::time::Duration;

/// How often and how long a step is tried. [`Policy::ONCE`] is one attempt without limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How many attempts may follow the first.
    pub retries: u32,
    /// How long to wait between them.
    pub backoff: Backoff,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How long a result is good for equal calls.
    pub cache: Option<Duration>,
    /// What limits the attempts of several steps and runs together.
    pub limit: Option<Limit>,
}

/// A limit that all steps that name it share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// How many attempts may run at a time.
    pub at_once: Option<u32>,
    /// How long after one attempt begins the next may.
    pub every: Option<Duration>,
}

impl Policy {
    /// One attempt, no limit of time.
    pub const ONCE: Self = Self { retries: 0, backoff: Backoff::DEFAULT, timeout: None, cache: None, limit: None };
}

/// Exponential backoff with jitter: the wait doubles from `first` up to `max`, and a random part of its upper half is
/// taken off, so that many runs that failed together do not come back together.
///
/// The scheme is the "equal jitter" of the AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub max: Duration,
}

impl Backoff {
    /// From 200 milliseconds up to 30 seconds.
    pub const DEFAULT: Self = Self { first: Duration::from_millis(200), max: Duration::from_secs(30) };

    /// The wait after the failed attempt of this number (from 0 on). `key` seeds the jitter, so the wait is a pure
    /// function of the place and the attempt.
    pub fn wait(&self, attempt: u32, key: &str) -> Duration {
        let full = self.first.saturating_mul(2_u32.saturating_pow(attempt)).min(self.max);
        let mut seed = blake3::Hasher::new();
        seed.update(key.as_bytes()).update(&attempt.to_le_bytes());
        let random = f64::from(seed.finalize().as_bytes()[0]) / 255.0;
        full / 2 + (full / 2).mul_f64(random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_the_cap_and_never_falls_below_half() {
        let backoff = Backoff { first: Duration::from_millis(100), max: Duration::from_secs(1) };
        for (attempt, full) in [(0, 100), (1, 200), (2, 400), (3, 800), (4, 1000), (40, 1000)] {
            let wait = backoff.wait(attempt, "order/pay#0");
            assert!((full / 2..=full).contains(&(wait.as_millis() as u64)), "{attempt}: {wait:?}");
        }
        assert_ne!(backoff.wait(3, "order/pay#0"), backoff.wait(3, "order/ship#0"));
    }
}
