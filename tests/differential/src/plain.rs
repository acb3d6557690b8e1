//! The names of a body as it is a plain async fn: functions, and joins that run their arms one after the other, each
//! to its end. A machine interleaves them; so the order is compared arm by arm.

pub use flow_runtime::{Error, StepError};

pub use crate::log::t;
pub use crate::work::{Job, Kind, Pair, Refused, check, mix};
use crate::{log, work};

type Result<T> = std::result::Result<T, StepError>;

macro_rules! note {
    ($site:ident $name:literal $($arg:expr),*) => { log::call($site, format!("{}{:?}", $name, ($(&$arg,)*)), None) };
}

pub async fn a(site: u32, n: u32) -> Result<u32> {
    note!(site "a" n);
    Ok(work::number(site, n))
}

pub async fn b(site: u32, n: u32) -> Result<u32> {
    note!(site "b" n);
    Ok(work::number(site, n) + 1)
}

pub async fn risky(site: u32, n: u32) -> Result<u32> {
    note!(site "risky" n);
    check(n).map_err(StepError::retryable)
}

pub async fn test(site: u32, n: u32) -> Result<bool> {
    note!(site "test" n);
    Ok(work::number(site, n).is_multiple_of(2))
}

pub async fn pair(site: u32, n: u32) -> Result<Pair> {
    note!(site "pair" n);
    Ok(work::pair(site, n))
}

pub async fn list(site: u32, n: u32) -> Result<Vec<u32>> {
    note!(site "list" n);
    Ok(work::list(site, n))
}

pub async fn name(site: u32, n: u32) -> Result<String> {
    note!(site "name" n);
    Ok(format!("n{}", work::number(site, n)))
}

pub async fn measure(site: u32, text: &str, more: &[u32]) -> Result<u32> {
    note!(site "measure" text, more);
    Ok(work::answer(site, text) + more.len() as u32)
}

pub async fn upper(site: u32, text: String) -> Result<String> {
    note!(site "upper" text);
    Ok(text.to_uppercase())
}

pub async fn ask(site: u32, about: &str) -> Result<u32> {
    note!(site "ask" about);
    Ok(work::answer(site, about))
}

pub async fn approve(site: u32, n: u32) -> Result<bool> {
    note!(site "approve" n.to_string());
    Ok(work::answer(site, &n.to_string()).is_multiple_of(2))
}

/// Waits for ever.
pub async fn never(_site: u32, _n: u32) -> Result<u32> {
    std::future::pending().await
}

#[allow(non_snake_case, reason = "a workflow is awaited by its name")]
pub async fn Inner(job: Job) -> Result<u32> {
    let x = a(job.site, job.n).await?;
    if approve(job.site, x).await? {
        return Ok(x);
    }
    Ok(mix(b(job.site, x).await?, job.n))
}

/// The arms one after the other, each with its own result.
#[macro_export]
macro_rules! plain_join {
    ($($arm:expr),+ $(,)?) => { ($($arm.await,)+) };
}

/// The arms one after the other, and the first error there was.
#[macro_export]
macro_rules! plain_try_join {
    ($first:expr, $second:expr $(,)?) => {
        match ($first.await.map_err(Error::from), $second.await.map_err(Error::from)) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (Err(error), _) | (_, Err(error)) => {
                $crate::log::lose();
                Err(error)
            }
        }
    };
    ($first:expr, $second:expr, $third:expr $(,)?) => {
        match ($first.await.map_err(Error::from), $second.await.map_err(Error::from), $third.await.map_err(Error::from)) {
            (Ok(first), Ok(second), Ok(third)) => Ok((first, second, third)),
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
                $crate::log::lose();
                Err(error)
            }
        }
    };
}

/// The items one after the other.
#[macro_export]
macro_rules! plain_join_all {
    ($items:expr, |$item:ident| $arm:expr $(, limit = $limit:expr)?) => {{
        let mut all = Vec::new();
        for $item in $items {
            all.push($arm.await);
        }
        all
    }};
}

/// The items one after the other; none of them fails.
#[macro_export]
macro_rules! plain_try_join_all {
    ($items:expr, |$item:ident| $arm:expr $(, limit = $limit:expr)?) => {
        $crate::plain_join_all!($items, |$item| $arm).into_iter().collect::<std::result::Result<Vec<_>, _>>()
    };
}

/// Of the arms that are ready the first in the source.
#[macro_export]
macro_rules! plain_select {
    ($($pat:ident = $arm:expr => $handler:block),+ $(,)?) => {
        $crate::plain::tokio::select! { biased; $($pat = $arm => $handler,)+ }
    };
}

pub use tokio;

pub use {
    plain_join as join, plain_join_all as join_all, plain_select as select, plain_try_join as try_join,
    plain_try_join_all as try_join_all,
};
