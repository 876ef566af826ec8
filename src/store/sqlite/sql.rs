//! Small words for talking to SQLite: errors, instants, numbers, lists of rows.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Params, Row};

use crate::model::{SourceId, Timestamp, WatchId};
use crate::store::{Result, StoreError};

/// What to do about a damaged store; it is never deleted or repaired behind anybody's back.
const ADVICE: &str = "stop vigie, copy the state directory aside, and restore the last backup; \
                      `sqlite3 vigie.db .recover` saves what can be read";

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::DiskFull) => StoreError::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(error),
            Some(ErrorCode::ConstraintViolation) => StoreError::Refused(error.to_string()),
            Some(ErrorCode::ReadOnly) => StoreError::Io(format!("it cannot be written: {error}")),
            _ => StoreError::Io(error.to_string()),
        }
    }
}

/// The database does not hold what it must.
pub(super) fn damaged(what: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what}; {ADVICE}"))
}

/// Every row of a query, read one by one.
pub(super) fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        list.push(read(row)?);
    }
    Ok(list)
}

/// The first row of a query, if there is one.
pub(super) fn first<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// Executes a statement; how many rows it changed.
pub(super) fn run(db: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    Ok(db.prepare_cached(sql)?.execute(params)?)
}

pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant a lease of this length ends, also when the length is absurd.
pub(super) fn later(now: Timestamp, by: Duration) -> i64 {
    micros(now).saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
}

pub(super) fn instant(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    from_micros(row.get(column)?)
}

pub(super) fn instant_or_none(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    row.get::<_, Option<i64>>(column)?.map(from_micros).transpose()
}

pub(super) fn from_micros(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(|_| damaged(format_args!("{micros} is no instant")))
}

/// Sequence numbers and epochs are never negative and never near the end of `i64`.
pub(super) fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| damaged(format_args!("{value} is no count")))
}

/// Like [`number`], for what fits 32 bits.
pub(super) fn small(row: &Row<'_>, column: usize) -> Result<u32> {
    Ok(u32::try_from(number(row, column)?).unwrap_or(u32::MAX))
}

/// A limit as SQL wants it: the cap of a page when it is 0 or above the cap.
pub(super) fn page(limit: usize, cap: usize) -> i64 {
    let limit = if limit == 0 { cap } else { limit.min(cap) };
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn source_id(row: &Row<'_>, column: usize) -> Result<SourceId> {
    SourceId::new(&row.get::<_, String>(column)?).map_err(damaged)
}

pub(super) fn watch_id(row: &Row<'_>, column: usize) -> Result<WatchId> {
    WatchId::new(&row.get::<_, String>(column)?).map_err(damaged)
}
