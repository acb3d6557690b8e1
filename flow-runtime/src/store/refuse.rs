//! Refusals that every store words alike.

use super::Refused;
use crate::error::{Error, ErrorKind};
use crate::run::RunId;

pub(crate) fn store_error(message: impl Into<String>) -> Error {
    Error::kind(ErrorKind::Store, message.into())
}

/// A visit is answered once, so its suspension never opens again.
pub(super) fn opened_before(path: &str) -> Refused {
    Refused::Store(store_error(format!(
        "the suspension `{path}` was opened before; a place that is entered again needs a new visit"
    )))
}

pub(super) fn exists_already(run: RunId) -> Refused {
    Refused::Store(store_error(format!("a run `{run}` exists already; start it under a new id")))
}
