//! What a place waits for: what it keeps, what it shows, and what ends the wait.

use std::time::SystemTime;

use crate::encoded::Encoded;
use crate::error::{Error, StepError};
use crate::event::Fact;
use crate::machine::cannot_store;
use crate::node::{Node, NodeKind};
use crate::store::{Opening, WaitsFor};

/// What a place waits for, evaluated in the transition that enters it.
#[derive(Debug)]
pub struct Waiting {
    /// What the place keeps.
    pub(crate) waits: Encoded,
    /// The stored name of the node.
    pub(crate) node: &'static str,
    /// The same for the people who are to answer.
    pub(crate) payload: serde_json::Value,
    /// What an answer looks like.
    pub(crate) schema: serde_json::Value,
    /// What ends the wait.
    pub(crate) waits_for: WaitsFor,
}

impl Waiting {
    /// Evaluates what a node waits for.
    ///
    /// # Errors
    /// When what it shows cannot be encoded.
    pub fn of<N: Node>(call: N::Call<'_>, now: SystemTime) -> Result<Box<Self>, Error> {
        let shown = N::waits_from(call, now);
        let waits = Encoded::of(&shown).map_err(|error| cannot_store(N::INFO.name, &error))?;
        let payload = N::shows(&shown)?;
        let schema = schemars::schema_for!(N::Output).to_value();
        Ok(Box::new(Self { waits, node: N::INFO.name, payload, schema, waits_for: N::waits_for(&shown) }))
    }

    /// The suspension that opens at this path.
    pub(crate) fn opening(self, path: String) -> Opening {
        let Self { node, payload, schema, waits_for, .. } = self;
        Opening { path, node: node.to_owned(), payload, schema, waits_for }
    }
}

/// What a place shows, from what it keeps.
pub(crate) fn opening<N: Node>(path: &str, waits: Option<&Encoded>) -> Opening {
    let payload = waits.and_then(|waits| N::shows(&waits.decode().ok()?).ok()).unwrap_or_default();
    let schema = schemars::schema_for!(N::Output).to_value();
    Opening { path: path.to_owned(), node: N::INFO.name.to_owned(), payload, schema, waits_for: waits_for::<N>(waits) }
}

fn waits_for<N: Node>(waits: Option<&Encoded>) -> WaitsFor {
    waits.and_then(|waits| waits.decode::<N::Waits>().ok()).map_or(WaitsFor::Answer, |waits| N::waits_for(&waits))
}

pub(crate) fn timer_set(path: &str, waits_for: &WaitsFor) -> Option<Fact> {
    waits_for.due().map(|due| Fact::TimerSet { path: path.to_owned(), due })
}

/// What ended the wait of a place, as its node gives it.
pub(crate) fn read_answer<N: Node>(waits: Option<&Encoded>, payload: serde_json::Value) -> Result<N::Output, StepError> {
    let payload = match N::INFO.kind {
        NodeKind::Sleep => serde_json::Value::Null,
        _ if payload == WaitsFor::fired() && waits_for::<N>(waits).due().is_some() => {
            return Err(StepError::expired(N::INFO.name));
        }
        _ => payload,
    };
    serde_json::from_value(payload).map_err(|error| misfit::<N>(waits, error))
}

/// What came is not of the node's type. A signal may have come before anybody could judge it.
fn misfit<N: Node>(waits: Option<&Encoded>, error: serde_json::Error) -> StepError {
    match waits_for::<N>(waits) {
        WaitsFor::Signal { name } => {
            StepError::terminal(format!("the signal `{name}` does not fit what its place takes: {error}"))
        }
        _ => StepError::terminal(error),
    }
}
