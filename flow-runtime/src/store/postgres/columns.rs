//! How our types stand in columns.

use std::fmt::Display;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use super::query::Fault;
use crate::run::RunId;
use crate::store::refuse::store_error;

/// A time, as milliseconds since 1970.
pub(super) fn millis(time: SystemTime) -> i64 {
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    time.duration_since(UNIX_EPOCH).map_or_else(|before| -millis(before.duration()), millis)
}

pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| store_error(format!("cannot be written as JSON: {error}")).into())
}

/// Reads the columns of a row in their order.
pub(super) struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn get<T: FromSql<'a>>(&mut self) -> Result<T, Fault> {
        self.next += 1;
        Ok(self.row.try_get(self.next - 1)?)
    }

    pub(super) fn run(&mut self) -> Result<RunId, Fault> {
        Ok(RunId(self.get::<Uuid>()?))
    }

    /// An integer with the same bits: PostgreSQL's are signed, and a fingerprint uses all of its bits.
    pub(super) fn bits(&mut self) -> Result<u64, Fault> {
        Ok(self.get::<i64>()?.cast_unsigned())
    }

    pub(super) fn time(&mut self) -> Result<SystemTime, Fault> {
        let millis = self.get()?;
        time(millis)
    }

    pub(super) fn optional_time(&mut self) -> Result<Option<SystemTime>, Fault> {
        self.get::<Option<i64>>()?.map(time).transpose()
    }

    /// As the text it displays.
    pub(super) fn text<T: FromStr<Err: Display>>(&mut self) -> Result<T, Fault> {
        self.get::<&str>()?.parse().map_err(|error: T::Err| self.unreadable(&error))
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> Result<T, Fault> {
        serde_json::from_str(self.get()?).map_err(|error| self.unreadable(&error))
    }

    pub(super) fn optional_json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Fault> {
        let text: Option<&str> = self.get()?;
        text.map(serde_json::from_str).transpose().map_err(|error| self.unreadable(&error))
    }

    pub(super) fn unreadable(&self, error: &dyn Display) -> Fault {
        let column = self.row.columns()[self.next - 1].name();
        store_error(format!("the column `{column}` cannot be read: {error}")).into()
    }
}

fn time(millis: i64) -> Result<SystemTime, Fault> {
    let duration = Duration::from_millis(millis.unsigned_abs());
    let time = if millis < 0 { UNIX_EPOCH.checked_sub(duration) } else { UNIX_EPOCH.checked_add(duration) };
    time.ok_or_else(|| store_error(format!("{millis} is no time")).into())
}
