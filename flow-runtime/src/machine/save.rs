//! What of a variable is written when its machine moves.

use super::{AnySlot, cannot_store, too_large};
use crate::encoded::Encoded;
use crate::error::Error;
use crate::log::{Chain, Form, Known, Parts, link};
use crate::snapshot::StoredValue;
use crate::store::{ValueId, ValueWrite};

/// Values up to this many bytes stand in the frame; larger ones get a row of their own, written once.
const INLINE_LIMIT: usize = 512;

/// How a slot stands to the store.
#[derive(Debug, Default)]
pub struct Mark {
    pub(super) stored: Option<Stored>,
    /// The code may have changed the value since it was stored.
    pub(super) touched: bool,
}

impl Mark {
    /// The rows it had, which it has no longer.
    pub(super) fn take_rows(&mut self) -> Vec<ValueId> {
        self.stored.take().map(Stored::into_rows).unwrap_or_default()
    }
}

/// How a value stands in the store.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Stored {
    /// In one piece, which has this hash.
    Whole { hash: [u8; 32], value: StoredValue },
    /// As a list in chunks, a row each, and what fills none.
    List { chain: Chain, rows: Vec<ValueId>, value: StoredValue },
}

impl Stored {
    /// A value that was read from a row.
    pub(crate) fn row(id: ValueId, hash: [u8; 32]) -> Self {
        Self::Whole { hash, value: StoredValue::Row { id, hash: StoredValue::short_hash(&hash) } }
    }

    /// A list whose chunks were read, the first before the others.
    ///
    /// # Errors
    /// When the chunks are not those that were written.
    pub(crate) fn list<'c>(value: StoredValue, chunks: impl Iterator<Item = (ValueId, &'c Encoded)>, hash: u64) -> Option<Self> {
        let (mut chain, mut rows) = (Chain::default(), Vec::new());
        for (id, chunk) in chunks {
            chain = link(chain, chunk);
            rows.push(id);
        }
        (StoredValue::short_hash(&chain) == hash).then_some(Self::List { chain, rows, value })
    }

    pub(crate) fn rows(&self) -> &[ValueId] {
        match self {
            Self::Whole { value: StoredValue::Row { id, .. }, .. } => std::slice::from_ref(id),
            Self::Whole { .. } => &[],
            Self::List { rows, .. } => rows,
        }
    }

    fn into_rows(self) -> Vec<ValueId> {
        match self {
            Self::List { rows, .. } => rows,
            whole => whole.rows().to_vec(),
        }
    }

    fn value(&self) -> &StoredValue {
        match self {
            Self::Whole { value, .. } | Self::List { value, .. } => value,
        }
    }

    fn known(&self) -> Option<Known> {
        match self {
            Self::List { chain, rows, .. } if !rows.is_empty() => Some((rows.len(), *chain)),
            _ => None,
        }
    }
}

/// The values of a machine that moves, as far as they are written.
pub(super) struct Writing<'r> {
    pub(super) limit: usize,
    pub(super) row: &'r mut dyn FnMut() -> ValueId,
    pub(super) values: Vec<ValueWrite>,
    pub(super) dead: Vec<ValueId>,
}

impl Writing<'_> {
    /// Encodes a slot unless it stands in the store as it is, and says how it stands there now.
    pub(super) fn slot(&mut self, slot: &mut dyn AnySlot, name: &str) -> Result<Option<StoredValue>, Error> {
        let mark = slot.mark();
        let touched = std::mem::take(&mut mark.touched);
        if let Some(stored) = mark.stored.as_ref().filter(|_| !touched) {
            return Ok(Some(stored.value().clone()));
        }
        let before = mark.stored.take();
        let form = slot.form(before.as_ref().and_then(Stored::known)).map_err(|error| cannot_store(name, &error))?;
        let stored = match form {
            None => {
                self.forget(before);
                return Ok(None);
            }
            Some(Form::Whole(value)) => self.whole(name, value, before)?,
            Some(Form::Parts(parts)) => self.list(name, parts, before)?,
        };
        let value = stored.value().clone();
        slot.mark().stored = Some(stored);
        Ok(Some(value))
    }

    fn whole(&mut self, name: &str, value: Encoded, before: Option<Stored>) -> Result<Stored, Error> {
        let hash = hash(&value);
        match before {
            Some(Stored::Whole { hash: same, value }) if same == hash => return Ok(Stored::Whole { hash, value }),
            before => self.forget(before),
        }
        let (value, write) = store_value(name, value, self.limit, self.row)?;
        self.values.extend(write);
        Ok(Stored::Whole { hash, value })
    }

    fn list(&mut self, name: &str, parts: Parts, before: Option<Stored>) -> Result<Stored, Error> {
        let (mut chain, mut rows) = match before {
            Some(Stored::List { chain, rows, .. }) if parts.goes_on => (chain, rows),
            before => {
                self.forget(before);
                (Chain::default(), Vec::new())
            }
        };
        for (link, items) in parts.new {
            let value = Encoded::of(&(rows.last(), &items)).map_err(|error| cannot_store(name, &error))?;
            check(name, &value, self.limit)?;
            let id = (self.row)();
            self.values.push(ValueWrite { id, value });
            rows.push(id);
            chain = link;
        }
        check(name, &parts.tail, self.limit)?;
        let value = match rows.last() {
            None => StoredValue::Inline(parts.tail),
            Some(last) => StoredValue::List { last: *last, hash: StoredValue::short_hash(&chain), tail: parts.tail },
        };
        Ok(Stored::List { chain, rows, value })
    }

    fn forget(&mut self, stored: Option<Stored>) {
        self.dead.extend(stored.into_iter().flat_map(Stored::into_rows));
    }
}

/// Where a value goes: into the frame, or into a row of its own.
pub(crate) fn store_value(
    name: &str,
    value: Encoded,
    limit: usize,
    row: &mut dyn FnMut() -> ValueId,
) -> Result<(StoredValue, Option<ValueWrite>), Error> {
    check(name, &value, limit)?;
    if value.as_bytes().len() <= INLINE_LIMIT {
        return Ok((StoredValue::Inline(value), None));
    }
    let id = row();
    let hash = StoredValue::short_hash(&hash(&value));
    Ok((StoredValue::Row { id, hash }, Some(ValueWrite { id, value })))
}

fn check(name: &str, value: &Encoded, limit: usize) -> Result<(), Error> {
    let bytes = value.as_bytes().len();
    if bytes > limit { Err(too_large(name, bytes, limit)) } else { Ok(()) }
}

pub(crate) fn hash(value: &Encoded) -> [u8; 32] {
    *blake3::hash(value.as_bytes()).as_bytes()
}
