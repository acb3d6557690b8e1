//! What a run waits for besides an answer: a point in time, and a signal.

use std::future::Future;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use crate::clock;
use crate::context::Cx;
use crate::error::StepError;
use crate::machine::At;
use crate::node::{Data, Node, NodeInfo, NodeKind, Step};
use crate::store::WaitsFor;

/// Waits for a time, as a place of a workflow. The time at which it ends is stored when the place is entered: a restart
/// neither begins it anew nor loses it, and one that fell due while no process lived ends at once.
///
/// ```
/// use std::time::Duration;
/// use flow_runtime::{sleep, workflow};
///
/// workflow! {
///     Reminder<String -> String>(text) {
///         sleep(Duration::from_millis(5)).await?;
///         Ok(text)
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), flow_runtime::Error> {
/// assert_eq!(Reminder::run(&(), "tea".to_owned()).await.completed()?, "tea");
/// # Ok(())
/// # }
/// ```
///
/// Outside of a workflow it sleeps on the caller's task and stores nothing.
///
/// # Errors
/// Never.
pub async fn sleep(duration: Duration) -> Result<(), StepError> {
    tokio::time::sleep(duration).await;
    Ok(())
}

/// Waits until a time, as a place of a workflow; see [`sleep`](fn@sleep). A time that is past ends it at once.
///
/// # Errors
/// Never.
pub async fn sleep_until(time: SystemTime) -> Result<(), StepError> {
    tokio::time::sleep(clock::until(time)).await;
    Ok(())
}

/// Waits for a signal of this name, as a place of a workflow: `signal::<Payment>("payment").await?`.
///
/// Signals are sent with [`Runtime::signal`](crate::Runtime::signal) and taken in the order they came. One that comes before its place
/// is kept until a place waits for it. For an answer to one open question use [`suspend`](crate::suspend) instead.
///
/// # Errors
/// Outside of a workflow always: nobody could send it.
pub async fn signal<T: Data>(name: &str) -> Result<T, StepError> {
    Err(StepError::terminal(format!("the signal `{name}` is awaited outside of a workflow, where nobody can send it")))
}

#[doc(hidden)]
#[allow(non_camel_case_types, reason = "a node has the name of its function")]
#[derive(Debug)]
pub enum sleep {}

#[doc(hidden)]
#[allow(non_camel_case_types, reason = "a node has the name of its function")]
#[derive(Debug)]
pub enum sleep_until {}

#[doc(hidden)]
#[allow(non_camel_case_types, reason = "a node has the name of its function")]
#[derive(Debug)]
pub struct signal<T> {
    payload: PhantomData<fn() -> T>,
}

/// When a sleep ends.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Due {
    /// The absolute time.
    pub due: SystemTime,
}

/// Which signal a place waits for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Awaited {
    /// Its name.
    pub signal: String,
}

/// How long a place sleeps, before it is known when that begins.
#[doc(hidden)]
#[derive(Debug)]
pub enum Until {
    After(Duration),
    Time(SystemTime),
}

impl Until {
    fn from(self, now: SystemTime) -> Due {
        let due = match self {
            // The last second that both the store and the platform can tell.
            Self::After(duration) => now.checked_add(duration).unwrap_or(now + FOREVER),
            Self::Time(time) => time,
        };
        Due { due }
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Sleeping;

impl Sleeping {
    #[allow(missing_docs, reason = "for generated code only")]
    pub fn call(self, duration: Duration) -> Until {
        Until::After(duration)
    }
}

/// A thousand years.
const FOREVER: Duration = Duration::from_secs(1_000 * 365 * 24 * 3600);

#[doc(hidden)]
#[derive(Debug)]
pub struct SleepingUntil;

impl SleepingUntil {
    #[allow(missing_docs, reason = "for generated code only")]
    pub fn call(self, time: SystemTime) -> Until {
        Until::Time(time)
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Signalled;

impl Signalled {
    #[allow(missing_docs, reason = "for generated code only")]
    pub fn call(self, name: &str) -> Awaited {
        Awaited { signal: name.to_owned() }
    }
}

macro_rules! timer {
    ($node:ident, $name:literal, $bound:ident) => {
        impl Node for $node {
            type Output = ();
            type Waits = Due;
            type Kept<T> = ();
            type Bound<'c> = $bound;
            type Call<'c> = Until;
            const INFO: NodeInfo = NodeInfo { name: $name, kind: NodeKind::Sleep, doc: "Waits for a time.", suspends: true };
            const WAITS: bool = true;

            fn waits(call: Until) -> Due {
                call.from(clock::now())
            }

            fn waits_from(call: Until, now: SystemTime) -> Due {
                call.from(now)
            }

            fn waits_for(waits: &Due) -> WaitsFor {
                WaitsFor::Time { due: waits.due }
            }
        }

        impl<A: Sync> Step<A> for $node {
            fn bind(_: &A) -> $bound {
                $bound
            }

            fn perform<'c>(_: &'c Cx<'_, A>, _: &'c At, _: Until) -> impl Future<Output = Result<(), StepError>> + Send + 'c {
                crate::__private::only_waits::<Self>()
            }
        }
    };
}
timer!(sleep, "sleep", Sleeping);
timer!(sleep_until, "sleep_until", SleepingUntil);

impl<T: Data> Node for signal<T> {
    type Output = T;
    type Waits = Awaited;
    type Kept<K> = ();
    type Bound<'c> = Signalled;
    type Call<'c> = Awaited;
    const INFO: NodeInfo = NodeInfo { name: "signal", kind: NodeKind::Signal, doc: "Waits for a signal.", suspends: true };
    const WAITS: bool = true;

    fn waits(call: Awaited) -> Awaited {
        call
    }

    fn waits_for(waits: &Awaited) -> WaitsFor {
        WaitsFor::Signal { name: waits.signal.clone() }
    }

    // One workflow may wait for signals of several types, and they are one node: the schema tells them apart.
    fn accepts(node: &str, payload: &serde_json::Value) -> Option<Result<(), String>> {
        let schema = schemars::schema_for!(T).to_value();
        if node != taking(&schema) {
            return None;
        }
        Some(serde_path_to_error::deserialize::<_, T>(payload).map(drop).map_err(|error| error.to_string()))
    }
}

/// How the node is asked for that takes a signal of this schema.
pub(crate) fn taking(schema: &serde_json::Value) -> String {
    format!("signal {schema}")
}

impl<T: Data, A: Sync> Step<A> for signal<T> {
    fn bind(_: &A) -> Signalled {
        Signalled
    }

    fn perform<'c>(_: &'c Cx<'_, A>, _: &'c At, _: Awaited) -> impl Future<Output = Result<T, StepError>> + Send + 'c {
        crate::__private::only_waits::<Self>()
    }
}
