//! Each workflow of the changes against each other one: what the lock takes, the loader takes, at every place a run was at.

use std::path::Path;

use flow_runtime::local::{from_snapshot, go_on};
use flow_runtime::snapshot::Snapshot;
use flow_runtime::testing::{LockError, check_resumable};
use flow_runtime::{Definition, Error, Outcome, Workflow};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;
use tests::recording::recorded;

/// A workflow, its type erased.
pub(super) struct Version {
    name: String,
    /// Every state of a run.
    states: fn() -> BoxFuture<'static, Vec<Snapshot>>,
    /// Goes on from a state to the end.
    takes_up: fn(Snapshot) -> BoxFuture<'static, Result<(), Error>>,
    check: fn(&Path, bool) -> Result<(), LockError>,
}

impl Version {
    pub(super) fn of<W: Workflow<()> + Definition<Input = u32> + 'static>(change: &str, side: &str) -> Self {
        Self {
            name: format!("{change}, {side}"),
            states: || async { recorded::<W, ()>((), 7, &|_| true.into()).await.1 }.boxed(),
            takes_up: |state| takes_up::<W>(state).boxed(),
            check: |path, accept| check_resumable::<W>(path, accept),
        }
    }
}

async fn takes_up<W: Workflow<()>>(state: Snapshot) -> Result<(), Error> {
    let mut outcome = from_snapshot::<W, ()>(&(), state).await;
    while let Outcome::Suspended(mut parked) = outcome {
        let open: Vec<_> = parked.pending.iter().map(|row| row.address().to_owned()).collect();
        for address in open {
            parked.answer_json(&address, true.into())?;
        }
        outcome = go_on::<W, ()>(&(), parked).await;
    }
    outcome.completed().map(drop)
}

/// The type of what a block gives is known to rustc alone, so it is not in the file.
fn is_output_of_block(error: &Error, locks: [&Value; 2]) -> bool {
    let arm: Vec<_> = error.path().unwrap_or_default().split('/').map(|part| part.split('#').next().unwrap()).collect();
    let known = |lock: &Value| !lock["machines"][arm.join("/")]["done"].is_null();
    error.to_string().starts_with("the variable `output` at `done`") && !locks.into_iter().all(known)
}

fn read(lock: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(lock).unwrap()).unwrap()
}

/// What the lock refuses by the type alone: the value that is stored may fit, or no run was there.
fn may_fit(change: &str) -> bool {
    [" is now `", "it is `", " had the variant ", " was a "].iter().any(|words| change.contains(words))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_lock_takes_the_loader_takes() {
    let folder = tempfile::tempdir().unwrap();
    let versions = super::changes::versions();
    let (mut taken, mut refused) = (0, 0);
    for old in &versions {
        let path = folder.path().join("flow.lock");
        let states = (old.states)().await;
        assert!(states.len() > 1, "{} has {} states", old.name, states.len());
        for new in &versions {
            (old.check)(&path, true).unwrap();
            let before = read(&path);
            let verdict = (new.check)(&path, false);
            (new.check)(&path, true).unwrap();
            let after = read(&path);
            let mut found = Vec::new();
            for state in &states {
                found.extend((new.takes_up)(state.clone()).await.err());
            }
            let pair = format!("{} => {}", old.name, new.name);
            assert!(found.iter().all(Error::is_incompatible), "{pair}: {found:?}");
            match verdict {
                Ok(()) => {
                    taken += 1;
                    found.retain(|error| !is_output_of_block(error, [&before, &after]));
                    assert!(found.is_empty(), "{pair}: the lock takes it, the run says {found:?}");
                }
                Err(LockError::Stranded { changes, .. }) => {
                    refused += 1;
                    let open = changes.iter().all(|change| may_fit(change));
                    assert!(open || !found.is_empty(), "{pair}: the run goes on, the lock says {changes:?}");
                }
                Err(error) => panic!("{pair}: {error}"),
            }
        }
    }
    assert!(taken > 200 && refused > 200, "{taken} taken, {refused} refused");
}
