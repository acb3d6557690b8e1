//! The file beside the code that says what stored runs hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schema::misfits;
use crate::context::DONE;
use crate::node::NodeKind;
use crate::shape::{self, PlaceShape, Shape, StoredType};
use crate::workflow::Definition;

const VARIABLE: &str = "FLOW_LOCK";
const ACCEPT: &str = "FLOW_LOCK=accept";

/// Why runs in flight could not go on, or why that is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// There is no file yet.
    #[error("`{}` is missing; write it with `{ACCEPT}`, and commit it", .0.display())]
    Missing(PathBuf),
    /// The file cannot be read or written.
    #[error("`{}` cannot be used: {why}", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Runs that stand at these places could not go on.
    #[error("{}", told(.workflow, .changes, *.migrates))]
    Stranded {
        /// The stored name of the workflow.
        workflow: String,
        /// One line a change.
        changes: Vec<String>,
        /// The workflow has a `migrate`, which may make the old states fit.
        migrates: bool,
    },
}

fn told(workflow: &str, changes: &[String], migrates: bool) -> String {
    let mut text = format!("runs of `{workflow}` that are in flight could not go on:\n");
    for change in changes {
        let _ = writeln!(text, "  - {change}");
    }
    text + "ways out: keep the old place until its runs have ended; give a new field `#[serde(default)]`; "
        + match migrates {
            true => "make the old states fit in the `migrate` of the workflow",
            false => "make the old states fit with `#[workflow(migrate = from_older)]`",
        }
        + ".\nwhere that is done, or no run is in flight, accept the change with `"
        + ACCEPT
        + "`"
}

/// Holds a workflow against the file that says what its stored runs keep.
///
/// Call it in a test of each workflow whose runs outlive a deploy. The file stands beside the code and is committed; the path
/// is relative to the package. It fails where a run that was stored by the code of the file could not be resumed
/// by the code of today: a place or an arm is gone, a variable is new, a stored type has changed in a way that serde cannot
/// read. New places, changed code between two awaits, fields with a default and new variants do not fail it; the
/// file takes them in, unless `CI` is set.
///
/// With `FLOW_LOCK=accept` in the environment the file is written as the workflow is now. It reads types, so a change that the
/// `migrate` of the workflow takes care of is accepted by you, once you have tried that on a run of the old shape.
///
/// It asks what a machine loads and no more: a workflow that is awaited has a file of its own, the output of an arm is looked at
/// where the arm is one node, and what a suspension shows is not looked at.
///
/// # Panics
/// With a [`LockError`]: the file is missing, or a run could not go on.
///
/// ```
/// use flow_runtime::{step, testing, workflow};
///
/// #[step]
/// async fn greet(name: &str) -> Result<String, std::io::Error> {
///     Ok(format!("hello {name}"))
/// }
///
/// workflow! {
///     Hello<String -> String>(name) {
///         greet(&name).await
///     }
/// }
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("hello.lock");
/// # let missing = testing::check_resumable::<Hello>(&path, false);
/// # assert!(missing.unwrap_err().to_string().contains("is missing; write it with `FLOW_LOCK=accept`"));
/// # testing::check_resumable::<Hello>(&path, true).unwrap();
/// testing::assert_resumable::<Hello>(path);
/// ```
#[track_caller]
pub fn assert_resumable<W: Definition>(path: impl AsRef<Path>) {
    let accept = std::env::var(VARIABLE).is_ok_and(|value| value == "accept");
    if let Err(error) = check_resumable::<W>(path, accept) {
        panic!("{error}");
    }
}

/// The same as a value. `accept` writes the file as the workflow is now.
///
/// # Errors
/// See [`LockError`].
pub fn check_resumable<W: Definition>(path: impl AsRef<Path>, accept: bool) -> Result<(), LockError> {
    let path = path.as_ref();
    let workflow = W::GRAPH.workflow;
    let mut shape = Shape::default();
    shape::machine::<W::Vars>(workflow, &mut shape);
    if accept {
        return write(path, &Lock::of(workflow, &shape));
    }
    let before = read(path)?;
    let changes = before.changes(&shape);
    if !changes.is_empty() {
        return Err(LockError::Stranded { workflow: workflow.to_owned(), changes, migrates: W::MIGRATE.is_some() });
    }
    let now = Lock::of(workflow, &shape).with_older(&before);
    if now == before || std::env::var_os("CI").is_some() { Ok(()) } else { write(path, &now) }
}

fn read(path: &Path) -> Result<Lock, LockError> {
    let unusable = |why: String| LockError::Unusable { path: path.to_owned(), why };
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(LockError::Missing(path.to_owned())),
        Err(error) => Err(unusable(error.to_string())),
    }
}

fn write(path: &Path, lock: &Lock) -> Result<(), LockError> {
    let text = serde_json::to_string_pretty(lock).map_err(std::io::Error::from);
    let written = text.and_then(|text| std::fs::write(path, text + "\n"));
    written.map_err(|error| LockError::Unusable { path: path.to_owned(), why: error.to_string() })
}

/// What stands in the file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Lock {
    workflow: String,
    /// Machines by their path, in them the places.
    machines: BTreeMap<String, BTreeMap<String, LockedPlace>>,
    /// What was ever written for a type since a change was accepted.
    types: BTreeMap<String, Vec<Value>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct LockedPlace {
    kind: String,
    waits: bool,
    /// The variables, each with its type.
    keeps: BTreeMap<String, String>,
    /// The type of an answer or a signal: one that came may not have been read yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    takes: Option<String>,
}

impl Lock {
    fn of(workflow: &str, shape: &Shape) -> Self {
        let mut lock = Self { workflow: workflow.to_owned(), machines: BTreeMap::new(), types: BTreeMap::new() };
        for (path, places) in &shape.machines {
            let places = places.iter().map(|(name, place)| (name.clone(), lock.place(place))).collect();
            lock.machines.insert(path.clone(), places);
        }
        lock
    }

    fn place(&mut self, place: &PlaceShape) -> LockedPlace {
        let keeps = place.vars.iter().map(|(var, stored)| (var.clone(), self.named(stored))).collect();
        let takes = place.takes.as_ref().map(|stored| self.named(stored));
        LockedPlace { kind: kind(place.kind).to_owned(), waits: place.waits, keeps, takes }
    }

    /// The name of a type; another type of the same name gets a number.
    fn named(&mut self, stored: &StoredType) -> String {
        let mut name = stored.name.clone();
        for number in 2.. {
            let known = self.types.entry(name.clone()).or_insert_with(|| vec![stored.written.clone()]);
            if known.contains(&stored.written) {
                break;
            }
            name = format!("{} ({number})", stored.name);
        }
        name
    }

    /// With what older programs have written for the same types: their runs may still be in flight.
    fn with_older(mut self, before: &Self) -> Self {
        for (name, shapes) in &mut self.types {
            let older = before.types.get(name).into_iter().flatten();
            let now = std::mem::take(shapes);
            shapes.extend(older.cloned());
            shapes.extend(now.into_iter().filter(|shape| !before.types.get(name).is_some_and(|older| older.contains(shape))));
        }
        self
    }

    fn changes(&self, now: &Shape) -> Vec<String> {
        let mut changes = Vec::new();
        for (path, places) in &self.machines {
            // An arm whose join is gone is told by the join.
            let Some(today) = path_now(path, now) else { continue };
            match now.machines.get(&today) {
                Some(now) => self.places(path, places, now, &mut changes),
                None if path == &self.workflow => changes.push(format!("the workflow was called `{path}`")),
                None => changes.push(format!("the arm `{path}` is gone")),
            }
        }
        changes
    }

    fn places(
        &self,
        path: &str,
        before: &BTreeMap<String, LockedPlace>,
        now: &BTreeMap<String, PlaceShape>,
        changes: &mut Vec<String>,
    ) {
        for (name, place) in before {
            let at = if path == self.workflow { name.clone() } else { format!("{path}/{name}") };
            match place_now(name, now) {
                Some((_, now)) => self.kept(&at, place, now, changes),
                // What an arm gives is known where the arm is one node.
                None if name == DONE => {}
                None => {
                    changes.push(format!("the place `{at}` is gone; if it has another name now: `#[at(new, was = \"{name}\")]`"));
                }
            }
        }
    }

    fn kept(&self, at: &str, before: &LockedPlace, now: &PlaceShape, changes: &mut Vec<String>) {
        if before.waits != now.waits {
            changes.push(format!("`{at}` was a {} and is now a {}", before.kind, kind(now.kind)));
        }
        for (var, stored) in &now.vars {
            let Some(name) = before.keeps.get(var) else {
                changes.push(format!("`{at}` keeps `{var}: {}` now, which stored runs do not have", stored.name));
                continue;
            };
            let kept = format!("`{at}` keeps `{var}: {name}`");
            changes.extend(self.misfits(name, stored).into_iter().map(|misfit| format!("{kept}; {misfit}")));
        }
        if let (Some(name), Some(stored)) = (&before.takes, &now.takes) {
            let taken = format!("`{at}` takes `{name}`");
            changes.extend(self.misfits(name, stored).into_iter().map(|misfit| format!("{taken}; {misfit}")));
        }
    }

    /// Why what was ever written for a type cannot be read now.
    fn misfits(&self, name: &str, now: &StoredType) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for written in self.types.get(name).into_iter().flatten() {
            found.extend(misfits((name, written), (&now.name, &now.read)));
        }
        found.dedup();
        found
    }
}

/// Where the machine of this path is now, or would be: a place around it may have another name. Nowhere, if the place is gone.
fn path_now(path: &str, now: &Shape) -> Option<String> {
    let split = path.strip_suffix("[]").map(|place| (place, "[]"));
    let Some((place, arm)) = split.or_else(|| path.rfind('/').map(|at| path.split_at(at))) else { return Some(path.to_owned()) };
    let (machine, place) = place.rsplit_once('/')?;
    let machine = path_now(machine, now)?;
    let (place, _) = place_now(place, now.machines.get(&machine)?)?;
    Some(format!("{machine}/{place}{arm}"))
}

/// The place that had this name, by the name it has now.
fn place_now<'n>(name: &str, now: &'n BTreeMap<String, PlaceShape>) -> Option<(&'n str, &'n PlaceShape)> {
    let (name, place) = now.get_key_value(name).or_else(|| now.iter().find(|(_, place)| place.was.contains(&name)))?;
    Some((name, place))
}

fn kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Suspend => "suspension",
        NodeKind::Workflow => "workflow",
        kind if kind.has_arms() => "join",
        NodeKind::Start => "start",
        NodeKind::Done => "end",
        _ => "step",
    }
}
