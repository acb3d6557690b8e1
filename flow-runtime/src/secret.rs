//! A value that is kept and never shown.

mod read;

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// What stands where a secret is not shown.
const HIDDEN: &str = "[secret]";

/// The one key of a stored secret. By it the secrets among values are known when these are shown without their type.
const MARK: &str = "$flow.secret";

/// A value that steps, variables, suspensions and answers may carry, and that never shows: not in `Debug`, not in JSON, not in
/// what is read of a stored run.
///
/// It is stored as it is with the state of its run, so that the run can go on; `store::Sealed` hides it there too. Whatever else
/// serialises it, in any format, writes `"[secret]"`. Reading that back is an error that says so: a [`Snapshot`] or a
/// [`local::Parked`] with secrets in it goes on from MessagePack, and not from JSON. A value that a person gives as JSON, as
/// an input, an answer or a signal, is read like a `T`.
///
/// Nobody hides what you do with [`expose`](Self::expose): words of an error that hold the value are words.
///
/// [`Snapshot`]: crate::snapshot::Snapshot
/// [`local::Parked`]: crate::local::Parked
///
/// ```
/// use flow_runtime::Secret;
///
/// let token = Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{token:?}"), "[secret]");
/// assert_eq!(serde_json::to_string(&token).unwrap(), r#""[secret]""#);
/// assert_eq!(token.expose(), "hunter2");
/// assert!(serde_json::from_str::<Secret<String>>(r#""[secret]""#).is_err());
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value, for good.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<T: Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !STORED.get() {
            return serializer.serialize_str(HIDDEN);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(MARK, &self.0)?;
        map.end()
    }
}

impl<T: JsonSchema> JsonSchema for Secret<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

thread_local! {
    /// Whether what is being serialised is to be stored. Not told by the format: that would store `[secret]` where serde puts a
    /// format of its own between, and show the value to whoever writes MessagePack of his own.
    static STORED: Cell<bool> = const { Cell::new(false) };
}

/// Serialises for the store: with the values of secrets.
pub(crate) fn stored<T>(serialise: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            STORED.set(self.0);
        }
    }
    let _before = Before(STORED.replace(true));
    serialise()
}

/// A stored value as it may be shown.
pub(crate) fn hide(value: &mut Value) {
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key(MARK) => *value = Value::String(HIDDEN.to_owned()),
        Value::Object(fields) => {
            // A flattened one has its mark among the other fields.
            let shown = |(name, value): (&String, &mut Value)| if name == MARK { *value = HIDDEN.into() } else { hide(value) };
            fields.iter_mut().for_each(shown);
        }
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

/// The same for a value that is kept as it is.
pub(crate) fn hidden(value: &Value) -> Value {
    let mut value = value.clone();
    hide(&mut value);
    value
}

#[cfg(test)]
mod tests;
