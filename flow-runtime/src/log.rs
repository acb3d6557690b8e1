//! A list that grows: what is written of it grows with what is added.

use std::any::TypeId;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::encoded::{EncodeError, Encoded};

/// Items go into a chunk until it has this many bytes.
const CHUNK: usize = 512;

/// A list that is only added to: the history of a chat, the findings of a search.
///
/// A variable that a workflow changes is written whole when it was changed, so a `Vec` that gets an item in each turn of a
/// loop costs the square of its length. Of a `Log` only the new items are written: chunks of some hundred bytes, each
/// once, and what does not fill a chunk yet. It is read like a slice.
///
/// Use it for a variable of the workflow that grows by turns. Inside of another value it is stored as a plain list; and for
/// a short list, or one that is rewritten, a `Vec` is right. The limit of a stored value holds for each chunk.
///
/// ```
/// use flow_runtime::Log;
///
/// let mut history = Log::new();
/// history.push("what is a workflow?".to_owned());
/// history.extend(["steps".to_owned(), "and waits".to_owned()]);
/// assert_eq!(history.len(), 3);
/// assert_eq!(history.last().map(String::as_str), Some("and waits"));
/// ```
pub struct Log<T> {
    items: Vec<T>,
    /// The chunks that were cut so far. Only a memory of the hashes: they follow from the items.
    chunks: Mutex<Vec<Chunk>>,
}

/// The items from the end of the chunk before it to here.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    end: usize,
    chain: Chain,
}

/// The hash of a chunk and of all before it.
pub(crate) type Chain = [u8; 32];

/// A list as it is to be written: what has no chunk that the store knows.
#[derive(Debug)]
pub struct Parts {
    /// The known chunks are its beginning.
    pub(crate) goes_on: bool,
    /// The chunks behind the known ones; all, where those are not its beginning.
    pub(crate) new: Vec<(Chain, Encoded)>,
    /// The items behind the last chunk.
    pub(crate) tail: Encoded,
}

/// The chunks of a list that stand in the store: how many, at least one, and the hash over them.
pub(crate) type Known = (usize, Chain);

/// A variable as it is to be written.
#[derive(Debug)]
pub enum Form {
    /// As one value.
    Whole(Encoded),
    /// A list that grows, as far as the store does not have it.
    Parts(Parts),
}

/// What a list that is encoded as a variable finds out about the variable, and leaves for it.
struct Request {
    variable: TypeId,
    known: Option<Known>,
    parts: Option<Parts>,
}

thread_local! {
    // `Serialize` has no way to take and give anything but through its serializer, which does not know the type either.
    static REQUEST: RefCell<Option<Request>> = const { RefCell::new(None) };
}

/// Encodes a variable; a `Log` in parts.
pub(crate) fn encode<T: Serialize + 'static>(value: &T, known: Option<Known>) -> Result<Form, EncodeError> {
    REQUEST.set(Some(Request { variable: TypeId::of::<T>(), known, parts: None }));
    let whole = Encoded::of(value);
    let parts = REQUEST.take().and_then(|request| request.parts);
    Ok(parts.map_or(Form::Whole(whole?), Form::Parts))
}

impl<T> Log<T> {
    /// An empty list.
    pub const fn new() -> Self {
        Self { items: Vec::new(), chunks: Mutex::new(Vec::new()) }
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        self.items.push(item);
    }

    /// The items.
    pub fn into_vec(self) -> Vec<T> {
        self.items
    }
}

impl<T: Serialize> Log<T> {
    /// What the store does not have of the list.
    fn parts(&self, known: Option<Known>) -> Result<Parts, EncodeError> {
        let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        self.cut(&mut chunks)?;
        let known = known.filter(|(count, chain)| chunks.get(count - 1).is_some_and(|chunk| chunk.chain == *chain));
        let mut start = known.map_or(0, |(count, _)| chunks[count - 1].end);
        let mut new = Vec::new();
        for chunk in &chunks[known.map_or(0, |(count, _)| count)..] {
            new.push((chunk.chain, Encoded::of(&self.items[start..chunk.end])?));
            start = chunk.end;
        }
        Ok(Parts { goes_on: known.is_some(), new, tail: Encoded::of(&self.items[start..])? })
    }

    /// Makes chunks of the items behind the last one, as far as they fill any.
    fn cut(&self, chunks: &mut Vec<Chunk>) -> Result<(), EncodeError> {
        let (mut start, mut chain) = chunks.last().map_or((0, Chain::default()), |chunk| (chunk.end, chunk.chain));
        let mut bytes = 0;
        for end in start + 1..=self.items.len() {
            bytes += Encoded::of(&self.items[end - 1])?.as_bytes().len();
            if bytes >= CHUNK {
                chain = link(chain, &Encoded::of(&self.items[start..end])?);
                chunks.push(Chunk { end, chain });
                (start, bytes) = (end, 0);
            }
        }
        Ok(())
    }
}

/// The hash over a chunk and all before it.
pub(crate) fn link(before: Chain, chunk: &Encoded) -> Chain {
    *blake3::Hasher::new().update(&before).update(chunk.as_bytes()).finalize().as_bytes()
}

impl<T: Serialize + 'static> Serialize for Log<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let request = REQUEST.with_borrow_mut(|request| request.take_if(|request| request.variable == TypeId::of::<Self>()));
        let Some(request) = request else { return self.items.serialize(serializer) };
        let parts = self.parts(request.known).map_err(serde::ser::Error::custom)?;
        REQUEST.set(Some(Request { parts: Some(parts), variable: TypeId::of::<()>(), ..request }));
        serializer.serialize_unit()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Log<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

impl<T: JsonSchema> JsonSchema for Log<T> {
    fn inline_schema() -> bool {
        Vec::<T>::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        Vec::<T>::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        Vec::<T>::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(generator)
    }
}

impl<T> Deref for Log<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> From<Vec<T>> for Log<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, ..Self::new() }
    }
}

impl<T> FromIterator<T> for Log<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::from(Vec::from_iter(items))
    }
}

impl<T> Extend<T> for Log<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        self.items.extend(items);
    }
}

impl<T> IntoIterator for Log<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Log<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self::from(self.items.clone())
    }
}

impl<T: PartialEq> PartialEq for Log<T> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl<T: Eq> Eq for Log<T> {}

impl<T: fmt::Debug> fmt::Debug for Log<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(log: &Log<String>, known: Option<Known>) -> Parts {
        match encode(log, known).unwrap() {
            Form::Parts(parts) => parts,
            Form::Whole(value) => panic!("in one piece: {value:?}"),
        }
    }

    fn line(number: usize) -> String {
        format!("{number:0>100}")
    }

    #[test]
    fn a_chunk_is_given_once() {
        let mut log = Log::new();
        let (mut known, mut all) = (None, Vec::new());
        for number in 0..100 {
            log.push(line(number));
            let parts = parts(&log, known);
            assert!(parts.new.len() <= 1 && parts.tail.as_bytes().len() <= CHUNK);
            assert_eq!(parts.goes_on, known.is_some());
            for (chain, items) in parts.new {
                all.push(items);
                known = Some((all.len(), chain));
            }
        }
        assert_eq!(all.len(), 20);
        let whole: Vec<String> = Encoded::joined(all.iter()).unwrap().decode().unwrap();
        assert!(whole.iter().cloned().eq((0..100).map(line)));
    }

    #[test]
    fn another_list_begins_anew() {
        let log: Log<_> = (0..10).map(line).collect();
        let (chain, _) = parts(&log, None).new.pop().unwrap();
        let other: Log<_> = (1..11).map(line).collect();
        let parts = parts(&other, Some((2, chain)));
        assert!(!parts.goes_on);
        assert_eq!(parts.new.len(), 2);
    }

    #[test]
    fn inside_of_another_value_it_is_a_list() {
        let log: Log<_> = (0..10).map(line).collect();
        let whole = encode(&(log.clone(), 7), None).unwrap();
        assert!(matches!(whole, Form::Whole(value) if value == Encoded::of(&(log.into_vec(), 7)).unwrap()));
        let nested = Log::from(vec![vec![Log::from(vec![1])]]);
        assert_eq!(serde_json::to_string(&nested).unwrap(), "[[[1]]]");
    }
}
