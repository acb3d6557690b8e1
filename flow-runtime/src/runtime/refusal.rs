//! What a refused record means to whoever called.

use super::core::{Core, address, unknown_run};
use crate::error::{Error, ErrorKind};
use crate::run::RunId;
use crate::store::Refused;

/// The error for a refused record; `path` is the suspension it was about, if any.
pub(super) async fn refused(core: &Core, run: RunId, path: &str, refusal: Refused) -> Error {
    let place = address(path);
    let (kind, message) = match refusal {
        Refused::UnknownRun => return unknown_run(run),
        Refused::Store(error) => return error,
        Refused::NotSuspended => {
            let message = format!("run `{run}` is not suspended at `{place}`; {}", open(core, run).await);
            (ErrorKind::NotSuspended, message)
        }
        Refused::AlreadyResumed => (ErrorKind::AlreadyResumed, format!("`{place}` of run `{run}` has its answer already")),
        Refused::Withdrawn => {
            let message =
                format!("`{place}` of run `{run}` is not waiting any more: the run went on or ended without an answer to it");
            (ErrorKind::Withdrawn, message)
        }
        Refused::Busy { .. } => {
            (ErrorKind::Busy, format!("run `{run}` is being driven by another process; try again once it is done"))
        }
        Refused::WrongStatus(status) => (ErrorKind::WrongStatus, format!("run `{run}` is {status}, which does not allow this")),
        Refused::Fenced => (ErrorKind::Fenced, format!("run `{run}` was taken over by another process")),
        Refused::KeyConflict { run, workflow } => {
            let message =
                format!("the key belongs to run `{run}` of the workflow `{workflow}`, which has another input or workflow");
            (ErrorKind::KeyConflict, message)
        }
    };
    Error::kind(kind, message)
}

async fn open(core: &Core, run: RunId) -> String {
    let open = core.history().suspensions(run).await.unwrap_or_default();
    if open.is_empty() {
        return "nothing is open".to_owned();
    }
    let open: Vec<_> = open.iter().map(|row| format!("`{}`", row.address())).collect();
    format!("open: {}", open.join(", "))
}

/// The error for a key that another run has.
pub(super) fn key_conflict(key: &str, workflow: &str, other: RunId, other_workflow: &str) -> Error {
    let message = if workflow == other_workflow {
        format!(
            "the key `{key}` belongs to run `{other}` of `{workflow}`, which has another input: use another key, or the same input"
        )
    } else {
        format!("the key `{key}` belongs to run `{other}` of `{other_workflow}`, not of `{workflow}`: use another key")
    };
    Error::kind(ErrorKind::KeyConflict, message)
}
