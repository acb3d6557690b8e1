//! What a generated state machine is made of: slots for its variables, a table of its places, and the frame
//! that is written when it moves.
//!
//! The generated code is data (a [`Layout`], a struct of [`Slot`]s) and the user's statements. Everything that can
//! be done by looking at a table is done here.

mod load;
mod save;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub(crate) use self::load::{Standing, place_gone};
pub use self::save::Mark;
use self::save::Writing;
pub(crate) use self::save::store_value;
pub(crate) use self::save::{Stored, hash};
use crate::context::Busy;
use crate::encoded::{EncodeError, Encoded};
use crate::error::{Error, ErrorKind, StepError};
pub use crate::layout::{Arm, Layout, PlaceLayout};
use crate::log::{Form, Known};
use crate::node::Data;
use crate::shape::StoredType;
use crate::snapshot::StoredFrame;
use crate::store::{FrameWrite, ValueId};
pub use crate::waiting::Waiting;

/// The place every machine starts in.
pub const START: u16 = 0;

/// A variable of a machine between two blocks.
#[derive(Debug)]
pub struct Slot<T> {
    value: Option<T>,
    mark: Mark,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: None, mark: Mark::default() }
    }
}

impl<T> Slot<T> {
    /// Takes the variable out for the code of a block.
    ///
    /// # Panics
    /// When the variable is not alive here, which would be a fault of the generated code.
    pub fn take(&mut self) -> T {
        self.value.take().expect("a variable is taken where it is alive")
    }

    /// Puts back a variable that the block could not change.
    pub fn keep(&mut self, value: T) {
        self.value = Some(value);
    }

    /// Puts a variable in that the block bound or may have changed.
    pub fn set(&mut self, value: T) {
        self.value = Some(value);
        self.mark.touched = true;
    }
}

/// A slot whatever its type.
pub trait AnySlot: Send {
    /// The value, if there is one.
    ///
    /// # Errors
    /// When the type's `Serialize` refuses the value.
    fn encode(&self) -> Result<Option<Encoded>, EncodeError>;
    /// The same as it is written; of a list in chunks what the store does not know.
    ///
    /// # Errors
    /// When the type's `Serialize` refuses the value.
    fn form(&self, known: Option<Known>) -> Result<Option<Form>, EncodeError>;
    /// Puts a stored value in.
    ///
    /// # Errors
    /// When the bytes are not a value of the slot's type.
    fn decode(&mut self, value: &Encoded) -> Result<(), EncodeError>;
    /// Drops the value.
    fn clear(&mut self);
    /// How the slot stands to the store.
    fn mark(&mut self) -> &mut Mark;
    /// What is written for it, and what is read.
    fn stored_type(&self) -> StoredType;
}

impl<T: Data> AnySlot for Slot<T> {
    fn encode(&self) -> Result<Option<Encoded>, EncodeError> {
        self.value.as_ref().map(Encoded::of).transpose()
    }
    fn form(&self, known: Option<Known>) -> Result<Option<Form>, EncodeError> {
        self.value.as_ref().map(|value| crate::log::encode(value, known)).transpose()
    }
    fn decode(&mut self, value: &Encoded) -> Result<(), EncodeError> {
        self.value = Some(value.decode()?);
        Ok(())
    }
    fn clear(&mut self) {
        *self = Self::default();
    }
    fn mark(&mut self) -> &mut Mark {
        &mut self.mark
    }
    fn stored_type(&self) -> StoredType {
        StoredType::of::<T>()
    }
}

/// The variables of a machine.
pub trait Slots: Default + Send {
    /// The machine's tables.
    const LAYOUT: &'static Layout;
    /// The slot of a variable.
    fn slot(&mut self, index: u16) -> &mut dyn AnySlot;
    /// The machines of its arms.
    fn arms() -> Vec<Arm> {
        Vec::new()
    }
}

/// Where the code of a block went.
#[derive(Debug)]
pub enum Flow<T> {
    /// To a place. One whose node waits is asked next what it waits for.
    At(u16),
    /// To a place whose node waits, and this is what for.
    Opened(Box<Waiting>),
    /// To the end.
    Done(T),
}

/// Why a node gives no output.
#[derive(Debug)]
pub enum Stop {
    /// It waits, and this is what for.
    Opened(Box<Waiting>),
    /// It failed.
    Failed(Error),
}

impl Stop {
    /// What a block does about it.
    ///
    /// # Errors
    /// What the node failed with.
    pub fn flow<T>(self) -> Result<Flow<T>, Error> {
        match self {
            Self::Opened(waiting) => Ok(Flow::Opened(waiting)),
            Self::Failed(error) => Err(error),
        }
    }
}

impl From<StepError> for Stop {
    fn from(error: StepError) -> Self {
        Self::Failed(error.into())
    }
}

/// A place and its visit.
#[derive(Clone, Debug, PartialEq)]
pub struct At {
    /// Its stored name; empty where the path of the machine is the path of the place.
    pub(crate) name: Cow<'static, str>,
    pub(crate) visit: u32,
}

impl At {
    pub(crate) fn path(&self, machine: &str) -> String {
        if self.name.is_empty() { machine.to_owned() } else { format!("{machine}/{}#{}", self.name, self.visit) }
    }
}

/// Where a machine came from to the place that is asked what it waits for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) left: Option<(u16, String)>,
}

/// A state machine at a place.
#[derive(Debug)]
pub struct Machine<V> {
    pub(crate) place: u16,
    /// Where the run stands by what is stored, if it has another name now: the addresses of what is open there, and the
    /// keys of what has begun, are made of it until the place is left.
    entered_as: Option<At>,
    visits: Vec<u32>,
    pub(crate) waits: Option<Encoded>,
    /// The variables.
    pub vars: V,
    /// The answer that was taken at this place: it counts as work until the place is left.
    pub(crate) answer: Option<Busy>,
    /// What was answered, until the code of the place takes it.
    pub(crate) payload: Option<serde_json::Value>,
    /// Set while the place is asked what it waits for: nothing of the way to it is written yet.
    pub(crate) asked: Option<Asked>,
    /// Rows that its stored frame refers to and no slot knows.
    orphans: Vec<ValueId>,
}

impl<V: Slots> Default for Machine<V> {
    fn default() -> Self {
        let visits = Vec::new();
        let (entered_as, waits, answer, payload, asked) = Default::default();
        Self { place: START, entered_as, visits, waits, vars: V::default(), answer, payload, asked, orphans: Vec::new() }
    }
}

impl<V: Slots> Machine<V> {
    /// The place it is at, as an index into the layout.
    pub fn place(&self) -> u16 {
        self.place
    }

    /// Whether the place it is at waited and has its answer.
    pub fn is_answered(&self) -> bool {
        self.payload.is_some()
    }

    /// The place's row of the layout.
    pub(crate) fn layout(&self) -> &'static PlaceLayout {
        &V::LAYOUT.places[usize::from(self.place)]
    }

    /// The place it is at, with its visit.
    pub fn at(&self) -> At {
        self.entered_as.clone().unwrap_or_else(|| self.visit())
    }

    /// The visit of its place, by what it is called today.
    fn visit(&self) -> At {
        let visit = self.visits.get(usize::from(self.place)).map_or(0, |visits| visits.saturating_sub(1));
        let name = if V::LAYOUT.single { "" } else { V::LAYOUT.places[usize::from(self.place)].name };
        At { name: Cow::Borrowed(name), visit }
    }

    /// Whether the store has it at another place.
    pub(crate) fn is_put(&self) -> bool {
        self.entered_as.is_some()
    }

    /// Enters a place.
    pub(crate) fn enter(&mut self, place: u16, waits: Option<Encoded>) {
        if self.visits.is_empty() {
            self.visits = vec![0; V::LAYOUT.places.len()];
        }
        self.place = place;
        self.entered_as = None;
        self.visits[usize::from(place)] += 1;
        self.waits = waits;
    }

    /// What changed since the last save, to be written.
    ///
    /// # Errors
    /// When a value cannot be encoded or is over `limit` bytes; the error names the variable.
    pub(crate) fn save(&mut self, limit: usize, row: &mut dyn FnMut() -> ValueId) -> Result<FrameWrite, Error> {
        let layout = V::LAYOUT;
        let place = &layout.places[usize::from(self.place)];
        let (mut vars, mut write) =
            (Vec::new(), Writing { limit, row, values: Vec::new(), dead: std::mem::take(&mut self.orphans) });
        for index in place.kept() {
            let name = layout.vars[usize::from(index)];
            vars.extend(write.slot(self.vars.slot(index), name)?.map(|value| (name.to_owned(), value)));
        }
        self.forget_dead(place, &mut write.dead);
        let Writing { values, dead, .. } = write;
        let frame = StoredFrame { place: place.name.to_owned(), visits: self.named_visits(), waits: self.waits.clone(), vars };
        Ok(FrameWrite { frame, values, dead })
    }

    /// Drops what no place after this one can read.
    fn forget_dead(&mut self, place: &PlaceLayout, dead: &mut Vec<ValueId>) {
        for index in 0..V::LAYOUT.vars.len() as u16 {
            if !place.kept().any(|kept| kept == index) {
                let slot = self.vars.slot(index);
                dead.extend(slot.mark().take_rows());
                slot.clear();
            }
        }
    }

    /// The rows that its stored frame refers to.
    pub(crate) fn take_rows(&mut self) -> Vec<ValueId> {
        let mut rows = std::mem::take(&mut self.orphans);
        for index in 0..V::LAYOUT.vars.len() as u16 {
            rows.extend(self.vars.slot(index).mark().take_rows());
        }
        rows
    }

    /// None for an arm that is one node: its place is visited once, by the path of the arm.
    fn named_visits(&self) -> BTreeMap<String, u32> {
        if V::LAYOUT.single {
            return BTreeMap::new();
        }
        let named = V::LAYOUT.places.iter().zip(&self.visits).filter(|(_, visits)| **visits > 0);
        named.map(|(place, visits)| (place.name.to_owned(), *visits)).collect()
    }

    /// Decodes every variable from what a save would write, as a crash would.
    pub(crate) fn reload(&mut self) -> Result<(), Error> {
        for index in V::LAYOUT.places[usize::from(self.place)].kept() {
            let name = V::LAYOUT.vars[usize::from(index)];
            let slot = self.vars.slot(index);
            let again = slot.encode().and_then(|value| value.map_or(Ok(()), |value| slot.decode(&value)));
            again.map_err(|error| cannot_store(name, &error))?;
        }
        Ok(())
    }
}

pub(crate) fn cannot_store(name: &str, error: &EncodeError) -> Error {
    Error::kind(ErrorKind::Failed, format!("`{name}` {error}"))
}

pub(crate) fn too_large(name: &str, bytes: usize, limit: usize) -> Error {
    let message =
        format!("`{name}` has {bytes} bytes, the limit is {limit}: keep it elsewhere and store where, or raise `value_limit`");
    Error::kind(ErrorKind::TooLarge, message)
}
