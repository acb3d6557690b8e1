//! What a generated state machine is made of: slots for its variables, a table of its places, and the frame
//! that is written when it moves.
//!
//! The generated code is data (a [`Layout`], a struct of [`Slot`]s) and the user's statements. Everything that can
//! be done by looking at a table is done here.

mod load;

use std::borrow::Cow;
use std::collections::BTreeMap;

pub(crate) use self::load::{Standing, place_gone};
use crate::context::Busy;
use crate::encoded::{EncodeError, Encoded};
use crate::error::{Error, ErrorKind, StepError};
pub use crate::layout::{Arm, Layout, PlaceLayout};
use crate::node::Data;
use crate::shape::StoredType;
use crate::snapshot::{StoredFrame, StoredValue};
use crate::store::{FrameWrite, ValueId, ValueWrite};
pub use crate::waiting::Waiting;

/// Values up to this many bytes stand in the frame; larger ones get a row of their own, written once.
const INLINE_LIMIT: usize = 512;

/// The place every machine starts in.
pub const START: u16 = 0;

/// A variable of a machine between two blocks.
#[derive(Debug)]
pub struct Slot<T> {
    value: Option<T>,
    mark: Mark,
}

/// How a slot stands to the store.
#[derive(Debug, Default)]
pub struct Mark {
    stored: Option<Stored>,
    /// The code may have changed the value since it was stored.
    touched: bool,
}

#[derive(Clone, Debug)]
struct Stored {
    hash: [u8; 32],
    value: StoredValue,
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
    /// The rows this machine's last frame refers to.
    rows: Vec<ValueId>,
}

impl<V: Slots> Default for Machine<V> {
    fn default() -> Self {
        let visits = Vec::new();
        let (entered_as, waits, answer, payload, asked) = Default::default();
        Self { place: START, entered_as, visits, waits, vars: V::default(), answer, payload, asked, rows: Vec::new() }
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
        let (mut vars, mut values, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for index in place.kept() {
            let name = layout.vars[usize::from(index)];
            if let Some(value) = save_slot(self.vars.slot(index), name, limit, row, &mut values)? {
                rows.extend(value.row());
                vars.push((name.to_owned(), value));
            }
        }
        self.forget_dead(place);
        let dead = self.rows.iter().copied().filter(|row| !rows.contains(row)).collect();
        self.rows = rows;
        let frame = StoredFrame { place: place.name.to_owned(), visits: self.named_visits(), waits: self.waits.clone(), vars };
        Ok(FrameWrite { frame, values, dead })
    }

    /// Drops what no place after this one can read.
    fn forget_dead(&mut self, place: &PlaceLayout) {
        for index in 0..V::LAYOUT.vars.len() as u16 {
            if !place.kept().any(|kept| kept == index) {
                self.vars.slot(index).clear();
            }
        }
    }

    pub(crate) fn take_rows(&mut self) -> Vec<ValueId> {
        std::mem::take(&mut self.rows)
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

/// Encodes a slot unless it stands in the store as it is, and says how it stands there now.
fn save_slot(
    slot: &mut dyn AnySlot,
    name: &str,
    limit: usize,
    row: &mut dyn FnMut() -> ValueId,
    values: &mut Vec<ValueWrite>,
) -> Result<Option<StoredValue>, Error> {
    let touched = std::mem::take(&mut slot.mark().touched);
    let before = slot.mark().stored.clone();
    if let Some(stored) = before.as_ref().filter(|_| !touched) {
        return Ok(Some(stored.value.clone()));
    }
    let Some(value) = slot.encode().map_err(|error| cannot_store(name, &error))? else { return Ok(None) };
    let hash = hash(&value);
    if let Some(stored) = before.filter(|stored| stored.hash == hash) {
        return Ok(Some(stored.value));
    }
    let (value, write) = store_value(name, value, limit, row)?;
    values.extend(write);
    slot.mark().stored = Some(Stored { hash, value: value.clone() });
    Ok(Some(value))
}

/// Where a value goes: into the frame, or into a row of its own.
pub(crate) fn store_value(
    name: &str,
    value: Encoded,
    limit: usize,
    row: &mut dyn FnMut() -> ValueId,
) -> Result<(StoredValue, Vec<ValueWrite>), Error> {
    let bytes = value.as_bytes().len();
    if bytes > limit {
        return Err(too_large(name, bytes, limit));
    }
    if bytes <= INLINE_LIMIT {
        return Ok((StoredValue::Inline(value), Vec::new()));
    }
    let id = row();
    let hash = StoredValue::short_hash(&hash(&value));
    Ok((StoredValue::Row { id, hash }, vec![ValueWrite { id, value }]))
}

impl Stored {
    fn row(id: ValueId, value: &Encoded) -> Self {
        let hash = hash(value);
        Self { hash, value: StoredValue::Row { id, hash: StoredValue::short_hash(&hash) } }
    }
}

fn hash(value: &Encoded) -> [u8; 32] {
    *blake3::hash(value.as_bytes()).as_bytes()
}

pub(crate) fn cannot_store(name: &str, error: &EncodeError) -> Error {
    Error::kind(ErrorKind::Failed, format!("`{name}` {error}"))
}

pub(crate) fn too_large(name: &str, bytes: usize, limit: usize) -> Error {
    let message =
        format!("`{name}` has {bytes} bytes, the limit is {limit}: keep it elsewhere and store where, or raise `value_limit`");
    Error::kind(ErrorKind::TooLarge, message)
}
