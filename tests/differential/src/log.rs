//! What a run did, in order: the calls of steps, and the values it saw between them.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Debug, Display};

thread_local! {
    static LOG: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
    static LOST: Cell<bool> = const { Cell::new(false) };
}

/// A line of the log.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where in the source.
    pub site: u32,
    /// What happened: a call with its arguments, or a value.
    pub text: String,
    /// The path with its visits, for a call inside of a run.
    pub path: Option<String>,
    /// Whether it is the call of a node.
    pub call: bool,
}

impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.site, self.text)?;
        self.path.iter().try_for_each(|path| write!(f, "  [{path}]"))
    }
}

impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        (self.site, &self.text) == (other.site, &other.text)
    }
}

/// Notes a value between two awaits.
pub fn t(site: u32, value: impl Debug) {
    push(Line { site, text: format!("{value:?}"), path: None, call: false });
}

/// Notes the call of a node.
pub fn call(site: u32, text: String, path: Option<&str>) {
    push(Line { site, text, path: path.map(str::to_owned), call: true });
}

fn push(line: Line) {
    LOG.with_borrow_mut(|log| log.push(line));
}

/// How long the log is.
pub fn len() -> usize {
    LOG.with_borrow(Vec::len)
}

/// Takes what was noted so far.
pub fn take() -> Vec<Line> {
    LOG.with_borrow_mut(std::mem::take)
}

/// Notes that an arm failed: as a machine its siblings may be cut off.
pub fn lose() {
    LOST.set(true);
}

/// Whether an arm failed since this was asked.
pub fn take_lost() -> bool {
    LOST.take()
}
