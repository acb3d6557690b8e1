//! Reading a secret: as it is stored, or plain, as a person gives it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{HIDDEN, MARK, Secret};

impl<'de, T: DeserializeOwned> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read(PhantomData)).map(Self)
    }
}

struct Read<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Read<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a secret")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        plain(value.into())
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        plain(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        plain(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        plain(value.into())
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        plain(Value::Null)
    }
    fn visit_none<E: Error>(self) -> Result<T, E> {
        plain(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<T, D::Error> {
        value.deserialize_any(self)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        if value == HIDDEN {
            return Err(E::custom(
                "`[secret]` stands for a value that was not written here: give the value, or go on from what is stored",
            ));
        }
        plain(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        plain(Value::deserialize(SeqAccessDeserializer::new(items)).map_err(other_type)?)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<T, A::Error> {
        let mut given = Map::new();
        while let Some(key) = fields.next_key::<String>().map_err(other_type)? {
            if key == MARK && given.is_empty() {
                let value = fields.next_value().map_err(other_type)?;
                let end = fields.next_key::<String>().map_err(other_type)?;
                return if end.is_none() { Ok(value) } else { Err(other_type(())) };
            }
            given.insert(key, fields.next_value().map_err(other_type)?);
        }
        plain(Value::Object(given))
    }
}

/// A value that a person gave.
fn plain<T: DeserializeOwned, E: Error>(value: Value) -> Result<T, E> {
    T::deserialize(value).map_err(other_type)
}

/// What serde says would show the value.
fn other_type<E: Error>(_: impl Sized) -> E {
    E::custom("a secret is of another type")
}
