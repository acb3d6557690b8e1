//! A run between two transitions: the frames of its machines, and how a frame is written.
//!
//! A stored frame is a format byte, eight bytes of a BLAKE3 hash over the rest, and MessagePack. The hash makes
//! damage an error before anything is decoded.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::encoded::{EncodeError, Encoded, SEALED};
use crate::error::{Error, ErrorKind};
use crate::machine::{self, Stored};
use crate::node::{Data, Node};
use crate::rules::Here;
use crate::store::ValueId;

const FORMAT: u8 = 1;
const HASH: usize = 8;

/// One machine at a place: a workflow, or an arm of a join.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The name of the place.
    pub place: String,
    /// How often each place was entered; nothing for an arm that is one node, which has its place once.
    #[serde(default)]
    pub visits: BTreeMap<String, u32>,
    /// What the place waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<Encoded>,
    /// The variables alive there, by name.
    #[serde(default)]
    pub vars: BTreeMap<String, FrameVar>,
}

/// A variable of a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameVar {
    /// Its value.
    pub value: Encoded,
    /// The rows it was read from, if it has rows of its own.
    #[serde(skip)]
    pub(crate) stored: Option<Stored>,
}

impl FrameVar {
    pub(crate) fn whole(value: Encoded) -> Self {
        Self { value, stored: None }
    }

    pub(crate) fn rows(&self) -> &[ValueId] {
        self.stored.as_ref().map_or(&[], Stored::rows)
    }
}

impl Frame {
    /// A frame at a place, without variables.
    pub fn at(place: &str) -> Self {
        Self { place: place.to_owned(), visits: BTreeMap::from([(place.to_owned(), 1)]), ..Self::default() }
    }

    /// With a variable.
    ///
    /// # Errors
    /// When the value cannot be encoded.
    pub fn with<T: Data>(mut self, name: &str, value: &T) -> Result<Self, Error> {
        self.vars.insert(name.to_owned(), FrameVar::whole(Encoded::of(value)?));
        Ok(self)
    }

    /// With what the place waits for.
    ///
    /// # Errors
    /// When the value cannot be encoded.
    pub fn waiting<N: Node>(mut self, _node: Here<N>, waits: &N::Waits) -> Result<Self, Error> {
        self.waits = N::WAITS.then(|| Encoded::of(waits)).transpose()?;
        Ok(self)
    }

    /// Reads a variable.
    ///
    /// # Errors
    /// `Incompatible`, when it is missing or of another type.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        let var = self.var(name).ok_or_else(|| misfit(format!("the stored place `{}` has no variable `{name}`", self.place)))?;
        var.value
            .decode()
            .map_err(|error| misfit(format!("the variable `{name}` at `{}` has another type now: it {error}", self.place)))
    }

    /// Reads a variable that only the arguments of the node at this place need.
    ///
    /// # Errors
    /// `Incompatible`, when it is missing or of another type.
    pub fn read_kept<N: Node, T: Data>(&self, _node: Here<N>, name: &str) -> Result<N::Kept<T>, Error>
    where
        N::Kept<T>: Data,
    {
        if N::WAITS { Ok(Encoded::of(&())?.decode()?) } else { self.read(name) }
    }

    /// Reads what the place waits for.
    ///
    /// # Errors
    /// `Incompatible`, when it is missing or of another type.
    pub fn read_waits<N: Node>(&self, _node: Here<N>) -> Result<N::Waits, Error> {
        let unit = || Encoded::of(&());
        let waits = self.waits.clone().map_or_else(unit, Ok)?;
        waits.decode().map_err(|error| misfit(format!("what `{}` waits for has another type now: it {error}", self.place)))
    }

    pub(crate) fn var(&self, name: &str) -> Option<&FrameVar> {
        self.vars.get(name)
    }
}

/// A whole run between two transitions: every live machine by its path, the workflow's own first.
///
/// It serialises as a whole; what the store keeps decodes into it and back. `W::State` shows the workflow's own
/// frame as the generated enum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The registered name of the workflow.
    pub workflow: String,
    /// The fingerprint of the graph it was written by.
    pub fingerprint: u64,
    /// The frames by path.
    pub frames: BTreeMap<String, Frame>,
}

/// A frame as it stands in the store: large values are rows of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredFrame {
    /// The name of the place.
    pub place: String,
    /// How often each place was entered.
    pub visits: BTreeMap<String, u32>,
    /// What the place waits for.
    pub waits: Option<Encoded>,
    /// The variables alive there.
    pub vars: Vec<(String, StoredValue)>,
}

/// A variable in a stored frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StoredValue {
    /// Small: it stands in the frame.
    Inline(Encoded),
    /// Large: it is a row of the run, with the first bytes of its hash.
    Row {
        /// The row.
        id: ValueId,
        /// The first bytes of the value's hash.
        hash: u64,
    },
    /// A list that grows: chunks in rows of the run, each of which names the one before it.
    List {
        /// The row of the last chunk.
        last: ValueId,
        /// The first bytes of the hash over the chunks.
        hash: u64,
        /// The items that fill no chunk.
        tail: Encoded,
    },
}

impl StoredValue {
    /// Puts the rows in.
    fn resolve(self, row: &mut impl FnMut(ValueId) -> Option<Encoded>) -> Result<FrameVar, &'static str> {
        match self {
            Self::Inline(value) => Ok(FrameVar::whole(value)),
            Self::Row { id, hash } => {
                let value = row(id).ok_or("is missing")?;
                let stored = Stored::row(id, machine::hash(&value));
                let same = matches!(stored, Stored::Whole { value: Self::Row { hash: found, .. }, .. } if found == hash);
                if same { Ok(FrameVar { value, stored: Some(stored) }) } else { Err("does not match its hash") }
            }
            Self::List { last, hash, ref tail } => {
                let chunks = chunks(last, row)?;
                let value = Encoded::joined(chunks.iter().map(|(_, items)| items).chain([tail])).ok_or("is not a list")?;
                let read = chunks.iter().map(|(id, items)| (*id, items));
                let stored = Stored::list(self.clone(), read, hash).ok_or("does not match its hash")?;
                Ok(FrameVar { value, stored: Some(stored) })
            }
        }
    }

    pub(crate) fn short_hash(hash: &[u8; 32]) -> u64 {
        hash.iter().take(HASH).fold(0, |short, byte| short << 8 | u64::from(*byte))
    }
}

impl StoredFrame {
    /// The bytes to store.
    ///
    /// # Errors
    /// When the frame cannot be encoded.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let body = rmp_serde::to_vec_named(self)?;
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&blake3::hash(&body).as_bytes()[..HASH]);
        bytes.extend(body);
        Ok(bytes)
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// `Incompatible`, when the bytes are damaged or of a newer format; `Sealed`, when they are sealed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (format, rest) = bytes.split_first().ok_or_else(|| damaged("it is empty"))?;
        if *format == SEALED {
            return Err(EncodeError::Sealed.into());
        }
        if *format != FORMAT {
            return Err(damaged(&format!("its format is {format}, this program reads {FORMAT}")));
        }
        let (hash, body) = rest.split_at_checked(HASH).ok_or_else(|| damaged("it is cut off"))?;
        if blake3::hash(body).as_bytes()[..HASH] != *hash {
            return Err(damaged("its bytes do not match their hash"));
        }
        rmp_serde::from_slice(body).map_err(|error| damaged(&error.to_string()))
    }

    /// Puts the rows of large values in.
    ///
    /// # Errors
    /// `Incompatible`, when a row is missing or damaged.
    pub fn resolve(self, mut row: impl FnMut(ValueId) -> Option<Encoded>) -> Result<Frame, Error> {
        let mut vars = BTreeMap::new();
        for (name, stored) in self.vars {
            let var = stored.resolve(&mut row).map_err(|why| damaged(&format!("the value of `{name}` {why}")))?;
            vars.insert(name, var);
        }
        Ok(Frame { place: self.place, visits: self.visits, waits: self.waits, vars })
    }
}

/// The chunks of a list, from the first on.
fn chunks(last: ValueId, row: &mut impl FnMut(ValueId) -> Option<Encoded>) -> Result<Vec<(ValueId, Encoded)>, &'static str> {
    let (mut chunks, mut next) = (Vec::new(), Some(last));
    while let Some(id) = next {
        let chunk = row(id).ok_or("is missing")?;
        let (before, items): (Option<ValueId>, Encoded) = chunk.decode().map_err(|_| "is not a list")?;
        // Also the end of a circle, which only damage makes.
        if before.is_some_and(|before| before >= id) {
            return Err("does not match its hash");
        }
        chunks.push((id, items));
        next = before;
    }
    chunks.reverse();
    Ok(chunks)
}

fn misfit(message: String) -> Error {
    Error::kind(ErrorKind::Incompatible, message)
}

fn damaged(why: &str) -> Error {
    Error::kind(ErrorKind::Incompatible, format!("the stored frame is damaged: {why}"))
}
