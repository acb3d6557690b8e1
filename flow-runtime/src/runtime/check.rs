//! Which runs of a store this program could not go on with.
//!
//! A run is looked at by its own code: it takes up what is stored of its machines and stops where it would begin a step,
//! write or wait. So the same code judges here that judges when a run is driven, and no second list of frames can differ from it.

use std::collections::BTreeMap;

use super::core::{Registered, not_registered};
use super::looker::{self, Misfit};
use crate::error::Error;
use crate::live::{Loaded, Rules, load, own_place};
use crate::run::{RunId, RunStatus};
use crate::store::{RunFilter, RunRow, Store};

/// A stored run that this program could not go on with.
#[derive(Clone, Debug)]
pub struct Unresumable {
    /// The run.
    pub run: RunId,
    /// Its workflow.
    pub workflow: String,
    /// Where it stands, without visits: `editor_review`, `outline_seo/seo/keywords`. Empty where that cannot be read.
    pub place: String,
    /// What taking it up would say.
    pub reason: Error,
}

/// What is checked, and by what.
pub(super) struct Check<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) workflows: &'a BTreeMap<&'static str, Registered>,
    pub(super) rules: &'a Rules,
}

impl Check<'_> {
    /// The runs that could not be resumed.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn run(&self) -> Result<Vec<Unresumable>, Error> {
        let mut found = BTreeMap::new();
        for status in [RunStatus::Failed, RunStatus::Suspended, RunStatus::Running] {
            let mut filter = RunFilter { status: Some(status), limit: 64, ..RunFilter::default() };
            loop {
                let page = self.store.runs(filter.clone()).await?;
                filter.before = page.last().map(|row| (row.started, row.run));
                for row in &page {
                    if let Some(unresumable) = self.judge(row).await? {
                        found.insert(row.run, unresumable);
                    }
                }
                if page.len() < filter.limit {
                    break;
                }
            }
        }
        Ok(found.into_values().collect())
    }

    async fn judge(&self, row: &RunRow) -> Result<Option<Unresumable>, Error> {
        const TRIES: usize = 5;
        let found = |place: String, reason| Some(Unresumable { run: row.run, workflow: row.workflow.clone(), place, reason });
        let Some(registered) = self.workflows.get(row.workflow.as_str()) else {
            return Ok(found(own_place(self.store, row.run, &row.workflow).await?, not_registered(&row.workflow)));
        };
        let mut tried = 1;
        let loaded = loop {
            match load(self.store, row.run).await {
                // Between two reads the run may have moved, and a value with it.
                Err(error) if error.is_incompatible() && tried < TRIES => tried += 1,
                Err(error) if error.is_incompatible() => {
                    return Ok(found(bare(&row.workflow, error.path().unwrap_or_default()), error));
                }
                loaded => break loaded?,
            }
        };
        match self.taken_up(registered, row, loaded) {
            // Another program may have ended it since it was listed.
            Some(_) if self.has_ended(row.run).await? => Ok(None),
            misfit => Ok(misfit.and_then(|Misfit { place, error }| found(bare(&row.workflow, &place), error))),
        }
    }

    /// Why the run cannot go on, if it cannot.
    fn taken_up(&self, registered: &Registered, row: &RunRow, loaded: Loaded) -> Option<Misfit> {
        looker::look_at(registered, row.run, loaded.frames, self.rules).err()
    }

    async fn has_ended(&self, run: RunId) -> Result<bool, Error> {
        Ok(self.store.run(run).await?.is_none_or(|row| row.status.is_final()))
    }
}

/// A path without the workflow and without visits.
fn bare(workflow: &str, path: &str) -> String {
    let path = path.strip_prefix(workflow).unwrap_or(path);
    let segments = path.split('/').map(|segment| segment.split(['#', '[']).next().unwrap_or_default());
    segments.filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/")
}
