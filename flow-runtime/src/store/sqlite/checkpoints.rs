//! Frames are written and places left; a run that keeps checkpoints remembers each.

use rusqlite::{Connection, params};

use super::columns::Text;
use super::transition::{leave, write};
use crate::run::RunId;
use crate::store::{Checkpoint, FrameRow};

/// What one record does to the machines of a run.
pub(super) struct Checkpoints {
    run: RunId,
    /// The number of the next checkpoint; none for a run that keeps none.
    next: Option<i64>,
}

impl Checkpoints {
    pub(super) fn of(run: RunId, next: Option<i64>) -> Self {
        Self { run, next }
    }

    pub(super) fn write(&mut self, connection: &Connection, frame: &FrameRow) -> rusqlite::Result<()> {
        if self.next.is_some() {
            self.keep(connection, &frame.checkpoint())?;
        }
        write(connection, self.run, frame)
    }

    /// Whether the run has signals is seen on the way.
    pub(super) fn leave(&mut self, connection: &Connection, place: &str) -> rusqlite::Result<bool> {
        if self.next.is_some() {
            self.keep(connection, &Checkpoint { path: place.to_owned(), frame: None, values: Vec::new() })?;
        }
        leave(connection, self.run, place)
    }

    fn keep(&mut self, connection: &Connection, checkpoint: &Checkpoint) -> rusqlite::Result<()> {
        let Some(next) = &mut self.next else { return Ok(()) };
        let (Checkpoint { path, frame, .. }, values) = (checkpoint, checkpoint.packed());
        let sql = "INSERT INTO checkpoints (run, n, path, state, vals) VALUES (?, ?, ?, ?, ?)";
        connection.prepare_cached(sql)?.execute(params![Text(self.run), *next, path, frame, values])?;
        *next += 1;
        Ok(())
    }

    /// Notes the next number.
    pub(super) fn end(self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(next) = self.next {
            let sql = "UPDATE runs SET checkpoints = ? WHERE run = ?";
            connection.prepare_cached(sql)?.execute(params![next, Text(self.run)])?;
        }
        Ok(())
    }
}
