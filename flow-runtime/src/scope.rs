//! Where in which run a machine is, and how its stored state is taken up there.

use std::fmt;
use std::sync::Arc;

use crate::context::{Busy, DONE, Host, OUTPUT};
use crate::error::{Error, ErrorKind};
use crate::machine::{At, Machine, Slots, Standing};
use crate::migrate::{Migrate, StoredState};
use crate::node::Data;
use crate::snapshot::Frame;
use crate::step::Shared;
use crate::workflow::Definition;

/// Where in which run a machine is.
#[derive(Clone)]
pub struct Scope {
    pub(crate) host: Option<Arc<dyn Host>>,
    /// The machine's path; empty without a host.
    pub(crate) path: String,
    pub(crate) home: Home,
}

/// The workflow whose machine it is, or an arm of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Home {
    workflow: &'static str,
    /// How long the path of its own machine is.
    length: usize,
    migrate: Option<Migrate>,
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Scope {
    /// In no run.
    pub(crate) fn nowhere() -> Self {
        Self { host: None, path: String::new(), home: Home::default() }
    }

    /// The own machine of a workflow.
    pub(crate) fn of<W: Definition>(host: Option<Arc<dyn Host>>, path: String) -> Self {
        let home = Home { workflow: W::GRAPH.workflow, length: path.len(), migrate: W::MIGRATE };
        Self { host, path, home }
    }

    /// The path of a place of this machine.
    pub(crate) fn place(&self, at: &At) -> String {
        at.path(&self.path)
    }

    /// A path below, where there are paths.
    pub(crate) fn path_below(&self, path: impl FnOnce(&str) -> String) -> String {
        self.host.as_ref().map(|_| path(&self.path)).unwrap_or_default()
    }

    /// The machine of an arm.
    pub(crate) fn below(&self, path: impl FnOnce(&str) -> String) -> Self {
        Self { path: self.path_below(path), ..self.clone() }
    }

    pub(crate) fn busy(&self) -> Option<Busy> {
        self.host.as_ref().map(|host| host.busy())
    }

    pub(crate) fn shared(&self) -> &Shared {
        self.host.as_ref().map_or_else(|| Shared::process().as_ref(), |host| host.shared())
    }

    /// The machine of a stored frame.
    ///
    /// # Errors
    /// `Incompatible`, when the frame does not fit, or the machine has no longer the arms that are stored at its place.
    pub(crate) fn load<V: Slots>(&self, frame: &Frame) -> Result<Machine<V>, Error> {
        self.take_up(frame, |frame, standing| self.machine(frame, standing))
    }

    /// What is stored of an arm: where it stands, or what it gave.
    ///
    /// # Errors
    /// `Incompatible`, when the frame does not fit.
    pub(crate) fn load_arm<V: Slots, T: Data>(&self, frame: &Frame) -> Result<(Machine<V>, Option<T>), Error> {
        self.take_up(frame, |frame, standing| {
            if frame.place != DONE {
                return Ok((self.machine(frame, standing)?, None));
            }
            let output = frame.read(OUTPUT).map_err(|error| error.at(self.path.clone()))?;
            Ok((Machine::default(), Some(output)))
        })
    }

    /// Whether the run is only looked at.
    pub(crate) fn only_looks(&self) -> bool {
        self.host.as_ref().is_some_and(|host| host.only_looks())
    }

    fn take_up<R>(&self, frame: &Frame, take: impl Fn(&Frame, &Standing) -> Result<R, Error>) -> Result<R, Error> {
        let found = self.take_up_or_migrate(frame, take);
        if let (Err(error), Some(host)) = (&found, &self.host) {
            host.misfit(&self.path, frame, error);
        }
        found
    }

    /// Takes up a frame as it is; where that cannot be, as the workflow's `migrate` makes it.
    fn take_up_or_migrate<R>(&self, frame: &Frame, take: impl Fn(&Frame, &Standing) -> Result<R, Error>) -> Result<R, Error> {
        let mut standing = Standing::of(frame);
        let found = take(frame, &standing);
        let (Err(error), Some(migrate)) = (&found, self.home.migrate) else { return found };
        if !error.is_incompatible() {
            return found;
        }
        let state = StoredState::new(self.home.workflow, self.name(), frame.clone());
        let (migrated, moved) = state.by(migrate).map_err(|error| error.at(self.path.clone()))?;
        standing.moved = moved;
        take(&migrated, &standing).map_err(|error| {
            let path = error.path().unwrap_or_default().to_owned();
            Error::kind(ErrorKind::Incompatible, format!("after `migrate`: {error}")).at(path)
        })
    }

    fn machine<V: Slots>(&self, frame: &Frame, standing: &Standing) -> Result<Machine<V>, Error> {
        let machine = Machine::load(frame, standing).map_err(|error| error.at(self.path.clone()))?;
        let Some(host) = &self.host else { return Ok(machine) };
        let place = self.place(&machine.at());
        let arms = host.below(&place);
        if standing.moved && !machine.takes_over(|| host.place(&place).is_some()) {
            // What is stored of them goes when the place is left.
            arms.iter().for_each(|arm| drop(host.frame(&format!("{place}{arm}"))));
            return Ok(machine);
        }
        for arm in &arms {
            machine.has_arm(arm).map_err(|error| error.at(place.clone()))?;
        }
        Ok(machine)
    }

    /// The machine, as the lock calls it: `content/outline_seo/seo`.
    fn name(&self) -> String {
        let mut name = self.home.workflow.to_owned();
        for segment in self.path.get(self.home.length..).unwrap_or_default().split('/').skip(1) {
            name.push('/');
            name.push_str(segment.split('#').next().unwrap_or_default());
            if segment.ends_with(']') {
                name.push_str("[]");
            }
        }
        name
    }
}
