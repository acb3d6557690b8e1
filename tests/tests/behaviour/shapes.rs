//! Every shape of the language, run three ways: as the plain async fn that the body reads like, as a machine driven
//! straight through, and as a machine that goes on from its stored state after every transition. Same result, same
//! order of steps.

use std::cell::RefCell;
use std::fmt::Debug;

use flow_runtime::local::from_snapshot;
use flow_runtime::snapshot::Snapshot;
use flow_runtime::{Error, Runtime, Workflow, step, workflow};
use futures::{join, try_join};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::modes;
use tests::recording::Recording;

thread_local! {
    static TRACE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn trace(line: impl Into<String>) {
    TRACE.with_borrow_mut(|trace| trace.push(line.into()));
}

fn traced() -> Vec<String> {
    TRACE.with_borrow_mut(std::mem::take)
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is too large")]
struct TooLarge(u32);

macro_rules! steps {
    ($($name:ident)*) => { $(
        #[step]
        async fn $name(n: u32) -> Result<u32, TooLarge> {
            trace(format!("{}({n})", stringify!($name)));
            if n > 1000 { Err(TooLarge(n)) } else { Ok(n + 1) }
        }
    )* };
}

steps! { a b c d e f }

#[step]
async fn pair(n: u32) -> Result<Pair, TooLarge> {
    trace(format!("pair({n})"));
    Ok(Pair { left: n, right: Some(format!("r{n}")), kind: if n.is_multiple_of(2) { Kind::Even(n) } else { Kind::Odd } })
}

#[step]
async fn words(text: &str, more: &[String]) -> Result<Vec<String>, TooLarge> {
    trace(format!("words({text},{more:?})"));
    Ok(text.split(' ').map(str::to_owned).chain(more.iter().cloned()).collect())
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Pair {
    left: u32,
    right: Option<String>,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Kind {
    Even(u32),
    Odd,
}

/// Runs a body in all three ways on some inputs.
macro_rules! shape {
    ($test:ident, $name:ident<$in:ty => $out:ty>($($binding:tt)+) $inputs:expr, $body:tt) => {
        mod $test {
            use super::*;

            #[allow(unused_mut, reason = "some shapes change their input")]
            async fn plain($($binding)+: $in) -> Result<$out, Error> $body

            workflow! { $name<$in -> $out>($($binding)+) $body }

            #[tokio::test]
            async fn same_as_plain() {
                for input in $inputs {
                    traced();
                    let expected = (plain(input.clone()).await.map_err(|error| error.to_string()), traced());
                    let straight = ($name::run(&(), input.clone()).await.completed().map_err(|error| error.to_string()), traced());
                    assert_eq!(straight, expected, "straight through, on {input:?}");
                    let (result, states) = stored::<$name>(input.clone()).await;
                    assert_eq!((result, traced()), expected, "with every state stored, on {input:?}");
                    restored::<$name>(states, &expected).await;
                }
            }
        }
    };
}

async fn stored<W>(input: W::Input) -> (Result<W::Output, String>, Vec<Snapshot>)
where
    W: Workflow<()>,
    W::Output: Debug,
{
    let store = Recording::over(modes::store().await);
    let built = modes::driven(Runtime::builder(())).store(store.clone()).register::<W>().reload_every_transition(true).build();
    let run = built.await.unwrap().start::<W>(input).await.unwrap();
    let outcome = run.outcome().await.unwrap().completed().map_err(|error| error.to_string());
    (outcome, store.states())
}

/// Goes on from every state that a run was in: the same result, and of the steps only those behind it.
async fn restored<W>(states: Vec<Snapshot>, expected: &(Result<W::Output, String>, Vec<String>))
where
    W: Workflow<()>,
    W::Output: Debug + PartialEq,
{
    for state in states {
        let text = serde_json::to_string(&state).unwrap();
        let state = serde_json::from_str(&text).unwrap();
        traced();
        let result = from_snapshot::<W, _>(&(), state).await.completed().map_err(|error| error.to_string());
        assert_eq!(result, expected.0, "from {text}");
        let mut before = expected.1.clone();
        for line in traced().iter().rev() {
            let at = before.iter().rposition(|known| known == line);
            before.remove(at.unwrap_or_else(|| panic!("`{line}` ran, which is not to come behind {text}")));
        }
    }
}

mod branches;
mod loops;
mod many_places;
mod values;
