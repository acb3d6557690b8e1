//! Values as the store keeps them: a format byte, then MessagePack with named fields.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::secret;

/// MessagePack with named fields. Named, so that a field may be added or dropped while runs are in flight.
const MESSAGE_PACK: u8 = 1;

/// What stands first in a value or a frame that was sealed.
pub(crate) const SEALED: u8 = 0xF1;

/// One encoded value. It describes itself, so it can be shown as JSON without its type.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded(Vec<u8>);

/// Why a value could not be encoded or decoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// serde refused to write the value.
    #[error("cannot be encoded: {0}")]
    Encode(#[from] rmp_serde::encode::Error),
    /// The bytes are not a value of the wanted type.
    #[error("cannot be decoded: {0}")]
    Decode(#[from] rmp_serde::decode::Error),
    /// The store was written through `store::Sealed` and is read without it.
    #[error("is sealed: open the store through `store::Sealed`, with its keys")]
    Sealed,
    /// The format byte is missing or of a newer version.
    #[error("has the unknown format {0:?}")]
    Format(Option<u8>),
}

impl Encoded {
    /// Encodes a value.
    ///
    /// # Errors
    /// When the type's `Serialize` refuses the value.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, EncodeError> {
        let mut bytes = vec![MESSAGE_PACK];
        secret::stored(|| rmp_serde::encode::write_named(&mut bytes, value))?;
        Ok(Self(bytes))
    }

    /// Decodes the value.
    ///
    /// # Errors
    /// When the bytes are damaged or of another type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, EncodeError> {
        match self.0.split_first() {
            Some((&MESSAGE_PACK, body)) => Ok(rmp_serde::from_slice(body)?),
            Some((&SEALED, _)) => Err(EncodeError::Sealed),
            first => Err(EncodeError::Format(first.map(|(byte, _)| *byte))),
        }
    }

    /// The list of the items of several lists; `None`, where one is not a list.
    pub(crate) fn joined<'l>(lists: impl Iterator<Item = &'l Self>) -> Option<Self> {
        let (mut length, mut items) = (0, Vec::new());
        for list in lists {
            let (&MESSAGE_PACK, mut body) = list.0.split_first()? else { return None };
            length += rmp::decode::read_array_len(&mut body).ok()?;
            items.extend_from_slice(body);
        }
        let mut bytes = vec![MESSAGE_PACK];
        rmp::encode::write_array_len(&mut bytes, length).ok()?;
        bytes.extend(items);
        Some(Self(bytes))
    }

    /// The value as JSON, for people. `NaN` and infinities become `null`, and a [`Secret`](crate::Secret) is not shown.
    ///
    /// # Errors
    /// When the bytes are damaged.
    pub fn to_json(&self) -> Result<serde_json::Value, EncodeError> {
        let mut json = self.decode()?;
        secret::hide(&mut json);
        Ok(json)
    }

    pub(crate) fn is_sealed(&self) -> bool {
        self.0.first() == Some(&SEALED)
    }

    /// The bytes, the format byte first.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes bytes that [`as_bytes`](Self::as_bytes) gave. They are checked when they are decoded.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_json() {
            Ok(json) => write!(f, "{json}"),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

impl Serialize for Encoded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.to_json().map_err(serde::ser::Error::custom)?.serialize(serializer)
        } else {
            serializer.serialize_bytes(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Encoded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let json = serde_json::Value::deserialize(deserializer)?;
            return Self::of(&json).map_err(serde::de::Error::custom);
        }
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, v: &[u8]) -> Result<Vec<u8>, E> {
                Ok(v.to_vec())
            }
            fn visit_byte_buf<E: serde::de::Error>(self, v: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(v)
            }
        }
        deserializer.deserialize_byte_buf(Bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_json_cannot() {
        let values = (f64::INFINITY, std::collections::BTreeMap::from([((1, 2), "x".to_owned())]));
        let back: (f64, std::collections::BTreeMap<(i32, i32), String>) = Encoded::of(&values).unwrap().decode().unwrap();
        assert_eq!(back, values);
    }

    #[test]
    fn an_unknown_format_is_named() {
        let error = Encoded::from_bytes(vec![9, 1]).decode::<u8>().unwrap_err();
        assert_eq!(error.to_string(), "has the unknown format Some(9)");
    }
}
