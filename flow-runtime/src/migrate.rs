//! States of an older shape, and how a workflow takes them up.
//!
//! `#[workflow(migrate = f)]` names a function that is asked about a state that the program of today cannot take up as it is.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::context::DONE;
use crate::encoded::Encoded;
use crate::error::{Error, ErrorKind, panic_message};
use crate::snapshot::{Frame, FrameVar};

/// What `#[workflow(migrate = f)]` takes.
pub type Migrate = fn(&mut StoredState) -> Result<(), Error>;

/// A stored state that the workflow cannot take up as it is, to be changed into one that it can.
///
/// A function of [`#[workflow(migrate = f)]`](macro@crate::workflow) gets it when a run is read, for one machine: the workflow's
/// own, or that of an arm, whose states belong to it alone. It gets no state that fits as it is. What it makes of the state is
/// judged as any stored state, and written with the next transition. Until then the old state stays in the store, and after a
/// crash the function gets that again: from the same state it must make the same. Its error refuses the run with an error
/// that `is_incompatible`, and so does a panic; the run keeps its state, and a later program can retry it.
///
/// Not for a value whose type stays and whose meaning changes, since that fits as it is: give the variable another name.
///
/// ```
/// use flow_runtime::{Error, migrate::StoredState, suspend, workflow};
///
/// #[suspend(resume = bool)]
/// fn approval(text: &str) -> String {
///     text.to_owned()
/// }
///
/// workflow! {
///     #[workflow(migrate = from_words)]
///     Letter<String -> String>(text) {
///         let words: usize = text.split(' ').count();
///         let agreed = approval(&text).await?;
///         Ok(if agreed { format!("{words} words") } else { String::new() })
///     }
/// }
///
/// /// `words` was the list of them.
/// fn from_words(state: &mut StoredState) -> Result<(), Error> {
///     let words: Vec<String> = state.get("words")?;
///     state.set("words", &words.len())
/// }
/// ```
#[derive(Clone, PartialEq)]
pub struct StoredState {
    workflow: &'static str,
    machine: String,
    frame: Frame,
    moved: bool,
}

impl fmt::Debug for StoredState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredState")
            .field("machine", &self.machine)
            .field("place", &self.frame.place)
            .field("vars", &self.frame.vars)
            .finish_non_exhaustive()
    }
}

impl StoredState {
    pub(crate) fn new(workflow: &'static str, machine: String, frame: Frame) -> Self {
        Self { workflow, machine, frame, moved: false }
    }

    /// The stored name of the workflow.
    pub fn workflow(&self) -> &'static str {
        self.workflow
    }

    /// Which machine it is a state of: `article` is the workflow's own, `article/both/seo` that of the arm `seo` of the place
    /// `both`, `article/pages[]` that of an item. The places have the names under which the run came to them.
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// The place it stands at; `start` before the first, `done` in an arm that has ended and keeps its `output`.
    pub fn place(&self) -> &str {
        &self.frame.place
    }

    /// Puts it at a place of today. It need not be the same place under another name.
    ///
    /// What it waits for goes on at a place that waits, under its old address, and is withdrawn at one that runs. Arms go on at
    /// a place that has arms of the same names, and are given up elsewhere. At `start` the whole machine begins again. A
    /// state that runs cannot be put at a place that waits: put it at a place before that. An arm that has ended stays at
    /// `done`.
    pub fn set_place(&mut self, place: impl Into<String>) {
        self.frame.place = place.into();
        self.moved = true;
    }

    /// The names of the variables. The result of an await that has no name has that of its place.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.frame.vars.keys().map(String::as_str)
    }

    /// Whether there is such a variable.
    pub fn has(&self, name: &str) -> bool {
        self.frame.vars.contains_key(name)
    }

    /// Reads a variable.
    ///
    /// # Errors
    /// When there is none, or it cannot be read as a `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        self.frame.read(name)
    }

    /// Writes a variable, whether there is one or not.
    ///
    /// # Errors
    /// When the value cannot be stored.
    pub fn set<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        let value = Encoded::of(value).map_err(|error| crate::machine::cannot_store(name, &error))?;
        self.frame.vars.insert(name.to_owned(), FrameVar::whole(value));
        Ok(())
    }

    /// Drops a variable; says whether there was one. One that no place reads any more may stay: it is dropped with the next
    /// transition.
    pub fn remove(&mut self, name: &str) -> bool {
        self.frame.vars.remove(name).is_some()
    }

    /// Gives a variable another name. It is not decoded, however large it is.
    ///
    /// # Errors
    /// When there is none, or another one has the new name.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Error> {
        if self.has(to) {
            return Err(Error::new(format!("the stored place `{}` has a variable `{to}` already", self.frame.place)));
        }
        let Some(var) = self.frame.vars.remove(from) else {
            return Err(Error::new(format!("the stored place `{}` has no variable `{from}`", self.frame.place)));
        };
        self.frame.vars.insert(to.to_owned(), var);
        Ok(())
    }

    /// Asks the workflow's own function. Gives the frame as it is then, and whether it was put at a place.
    ///
    /// # Errors
    /// `Incompatible`, when the function refuses.
    pub(crate) fn by(mut self, migrate: Migrate) -> Result<(Frame, bool), Error> {
        let ended = self.frame.place == DONE;
        catch_unwind(AssertUnwindSafe(|| migrate(&mut self)))
            .map_err(|panic| refused(format!("`migrate` panicked: {}", panic_message(panic.as_ref()))))?
            .map_err(|error| refused(format!("`migrate` refuses what is stored: {error}")))?;
        if ended && self.frame.place != DONE {
            return Err(refused("`migrate` puts an arm that has ended at another place".to_owned()));
        }
        Ok((self.frame, self.moved))
    }
}

fn refused(message: String) -> Error {
    Error::kind(ErrorKind::Incompatible, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> StoredState {
        let frame = Frame::at("review").with("draft", &"a draft".to_owned()).unwrap();
        StoredState::new("article", "article".to_owned(), frame)
    }

    #[test]
    fn variables_are_read_written_renamed_and_removed() {
        let mut state = state();
        assert_eq!(state.get::<String>("draft").unwrap(), "a draft");
        state.rename("draft", "text").unwrap();
        assert_eq!(
            state.rename("draft", "text").unwrap_err().to_string(),
            "the stored place `review` has a variable `text` already"
        );
        assert_eq!(state.rename("draft", "page").unwrap_err().to_string(), "the stored place `review` has no variable `draft`");
        state.set("words", &7_u32).unwrap();
        assert_eq!(state.names().collect::<Vec<_>>(), ["text", "words"]);
        assert!(state.remove("words") && !state.remove("words") && !state.has("words"));
    }

    #[test]
    fn a_panic_refuses() {
        let refused = state().by(|_| panic!("not me")).unwrap_err();
        assert!(refused.is_incompatible());
        assert_eq!(refused.to_string(), "`migrate` panicked: not me");
    }

    #[test]
    fn what_has_ended_stays_ended() {
        let ended = StoredState::new("article", "article/both/seo".to_owned(), Frame::at(DONE));
        let refused = ended.by(|state| {
            state.set_place("start");
            Ok(())
        });
        let refused = refused.unwrap_err();
        assert_eq!(refused.to_string(), "`migrate` puts an arm that has ended at another place");
    }
}
