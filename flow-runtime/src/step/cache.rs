//! Results of steps that are good for a while: kept in memory, by step and arguments.

use std::any::TypeId;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use serde::Serialize;

use crate::encoded::Encoded;
use crate::error::StepError;

/// What a result is found by: the step, and a hash of its encoded arguments. Resources and context are no part of it.
#[derive(Clone, Debug)]
pub struct CacheKey {
    step: TypeId,
    hash: blake3::Hasher,
}

impl CacheKey {
    /// The key of a call without arguments.
    pub fn of<N: 'static>() -> Self {
        Self { step: TypeId::of::<N>(), hash: blake3::Hasher::new() }
    }

    /// Adds an argument. Encoded values end by themselves, so two lists of arguments never run together into one key.
    ///
    /// # Errors
    /// When the argument's `Serialize` refuses it.
    pub fn add<T: Serialize + ?Sized>(&mut self, argument: &T) -> Result<(), StepError> {
        let failed = |error| StepError::terminal(format!("an argument of a cached step {error}"));
        self.hash.update(Encoded::of(argument).map_err(failed)?.as_bytes());
        Ok(())
    }
}

/// The results of one runtime.
pub(crate) struct Cache(moka::future::Cache<(TypeId, [u8; 32]), Good>);

/// A result, and how long it is good for.
#[derive(Clone)]
struct Good {
    output: Encoded,
    time_to_live: Duration,
}

struct Lives;

impl<K> Expiry<K, Good> for Lives {
    fn expire_after_create(&self, _: &K, good: &Good, _: Instant) -> Option<Duration> {
        Some(good.time_to_live)
    }
}

impl Cache {
    /// A cache of so many bytes. What was not used for longest goes first.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigh = |_: &_, good: &Good| good.output.as_bytes().len().try_into().unwrap_or(u32::MAX);
        Self(moka::future::Cache::builder().max_capacity(bytes).weigher(weigh).expire_after(Lives).build())
    }

    /// The result of a call. Of several equal calls at the same time one runs, and the others take what it gives; should
    /// it be dropped, another one runs. An error is not kept.
    ///
    /// # Errors
    /// What the call that ran failed with.
    pub(crate) async fn get(
        &self,
        key: CacheKey,
        time_to_live: Duration,
        run: impl Future<Output = Result<Encoded, StepError>>,
    ) -> Result<Encoded, StepError> {
        let run = async { run.await.map(|output| Good { output, time_to_live }) };
        let found = self.0.try_get_with((key.step, *key.hash.finalize().as_bytes()), run).await;
        found.map(|good| good.output).map_err(Arc::unwrap_or_clone)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("entries", &self.0.entry_count()).finish_non_exhaustive()
    }
}
