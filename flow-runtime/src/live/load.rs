//! What is stored of a run, read back.

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, ErrorKind};
use crate::run::RunId;
use crate::snapshot::{Frame, StoredFrame};
use crate::store::{History, Store, ValueId};

/// The frames of a run.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// By path; the workflow's own among them.
    pub(crate) frames: BTreeMap<String, Frame>,
    /// The first id that no value has.
    pub(crate) next_value: ValueId,
}

/// Reads the frames of a run.
///
/// # Errors
/// `Store`, when the store cannot be read; `Incompatible`, when a frame is damaged, `Sealed`, when it cannot be opened: the error names run
/// and place.
pub(crate) async fn load(store: &dyn Store, run: RunId) -> Result<Loaded, Error> {
    let stored = store.frames(run).await?;
    let mut values: HashMap<ValueId, _> = store.values(run).await?.into_iter().collect();
    let next_value = values.keys().max().map_or(1, |last| last + 1);
    let mut frames = BTreeMap::new();
    for (path, bytes) in stored {
        let frame = StoredFrame::from_bytes(&bytes).and_then(|frame| frame.resolve(|id| values.remove(&id)));
        let frame = frame.map_err(|error| unreadable(run, &path, &error))?;
        frames.insert(path, frame);
    }
    Ok(Loaded { frames, next_value })
}

/// Where the workflow's own machine stands; empty where that cannot be read.
///
/// # Errors
/// `Store`.
pub(crate) async fn own_place(history: &dyn History, run: RunId, workflow: &str) -> Result<String, Error> {
    let frames = history.frames(run).await?;
    let own = frames.iter().find(|(path, _)| path == workflow);
    let frame = own.and_then(|(_, bytes)| StoredFrame::from_bytes(bytes).ok());
    Ok(frame.map(|frame| frame.place).unwrap_or_default())
}

fn unreadable(run: RunId, path: &str, error: &Error) -> Error {
    let kind = if error.is_sealed() { ErrorKind::Sealed } else { ErrorKind::Incompatible };
    Error::kind(kind, format!("run `{run}` cannot be read at `{path}`: {error}")).at(path)
}
