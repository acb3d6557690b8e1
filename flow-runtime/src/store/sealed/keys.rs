//! Keys, and what one value looks like when it is sealed: a format byte, the id of the key, the nonce, the ciphertext with its tag.

use std::fmt;

use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::encoded::SEALED;
use crate::error::{Error, ErrorKind};
use crate::run::RunId;

const NONCE: usize = 12;

/// What stands before a value that is stored as text.
const TEXT: &str = "sealed:";

/// The keys of a sealed store, each under an id of your own. The first writes, all read.
///
/// An id stands beside each value as it is. To change the key, let every process read with the new one before any writes with it:
/// first `Keys::new("2025", old).and("2026", new)` everywhere, then `Keys::new("2026", new).and("2025", old)`. The old key is
/// needed as long as runs that were written with it are to be read.
///
/// ```
/// use flow_runtime::store::Keys;
///
/// let (old, new) = ([1; 32], [2; 32]); // Out of your secret store, not out of the source.
/// let keys = Keys::new("2026", new).and("2025", old);
/// assert_eq!(format!("{keys:?}"), r#"Keys(["2026", "2025"])"#);
/// ```
#[derive(Clone)]
pub struct Keys(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: String,
    cipher: Aes256GcmSiv,
}

impl Key {
    fn new(id: impl Into<String>, key: [u8; 32]) -> Self {
        Self { id: id.into(), cipher: Aes256GcmSiv::new(&key.into()) }
    }
}

impl Keys {
    /// The key that writes, and reads what it has written.
    pub fn new(id: impl Into<String>, key: [u8; 32]) -> Self {
        Self(vec![Key::new(id, key)])
    }

    /// With one more key that reads.
    #[must_use]
    pub fn and(mut self, id: impl Into<String>, key: [u8; 32]) -> Self {
        self.0.push(Key::new(id, key));
        self
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    /// When it is longer than AES-GCM-SIV takes, which is 64 GiB.
    pub(super) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let key = &self.0[0];
        let mut sealed = vec![SEALED];
        put_text(&mut sealed, &key.id);
        let bound = place.bound(&sealed);
        // The same value at the same place gives the same bytes: the store compares frames. AES-GCM-SIV stands a nonce that comes
        // again, and this one comes again only for other values of the same place.
        let nonce: [u8; NONCE] = std::array::from_fn(|at| blake3::hash(&bound).as_bytes()[at]);
        let body = key.cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &bound });
        sealed.extend(nonce);
        sealed.extend(body.map_err(|_| place.error("is too long to be sealed"))?);
        Ok(sealed)
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// `Sealed`, when it is not sealed, when its key is not here, and when the key does not open it.
    pub(super) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let rest = sealed
            .strip_prefix(&[SEALED])
            .ok_or_else(|| place.error("is not sealed: the store was written without `Sealed`, and is read without it"))?;
        let cut_off = || place.error("is damaged: it is cut off");
        let (id, rest) = take_text(rest).ok_or_else(cut_off)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or_else(cut_off)?;
        let Some(key) = self.0.iter().find(|key| key.id == id) else {
            return Err(place.error(format_args!("is sealed with the key `{id}`, which is not here; here: {}", self.ids())));
        };
        let header = &sealed[..sealed.len() - rest.len()];
        let opened = key.cipher.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: &place.bound(header) });
        opened.map_err(|_| {
            place.error(format_args!(
                "cannot be opened with the key `{id}`: another key has this id, or the value was changed or moved here"
            ))
        })
    }

    pub(super) fn seal_text(&self, place: Place<'_>, plain: &[u8]) -> Result<String, Error> {
        Ok(format!("{TEXT}{}", STANDARD_NO_PAD.encode(self.seal(place, plain)?)))
    }

    /// # Errors
    /// Those of [`open`](Self::open).
    pub(super) fn open_text(&self, place: Place<'_>, sealed: &str) -> Result<Vec<u8>, Error> {
        let Some(text) = sealed.strip_prefix(TEXT) else { return self.open(place, &[]) };
        self.open(place, &STANDARD_NO_PAD.decode(text).map_err(|_| place.error("is damaged: it is not base64"))?)
    }

    fn ids(&self) -> String {
        let ids: Vec<_> = self.0.iter().map(|key| format!("`{}`", key.id)).collect();
        ids.join(", ")
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.0.iter().map(|key| &key.id).collect();
        f.debug_tuple("Keys").field(&ids).finish()
    }
}

/// Where a value belongs. It is bound to that: sealed for one place, it does not open at another.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) run: RunId,
    /// What it is: `input`, `frame`.
    pub(super) what: &'static str,
    /// Which of them, where a run has several.
    pub(super) name: &'p str,
}

impl Place<'_> {
    fn bound(&self, header: &[u8]) -> Vec<u8> {
        let mut bound = header.to_vec();
        bound.extend(self.run.0.as_bytes());
        put_text(&mut bound, self.what);
        put_text(&mut bound, self.name);
        bound
    }

    pub(super) fn error(&self, why: impl fmt::Display) -> Error {
        let Self { run, what, name } = self;
        let which = if name.is_empty() { String::new() } else { format!(" `{name}`") };
        Error::kind(ErrorKind::Sealed, format!("the {what}{which} of run `{run}` {why}"))
    }
}

/// A text that says how long it is.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn take_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length).try_into().ok()?)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}
