//! The spans in which somebody listened to the sources.

use jiff::SignedDuration;
use rusqlite::{Connection, params};

use super::sql::{all, instant, micros, run};
use crate::model::{Listened, Timestamp};
use crate::store::Result;

/// Spans in one answer: two years in which the share changes every ten minutes.
const SPANS: i64 = 100_000;

/// What is older is forgotten: no baseline remembers that long.
const KEPT: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// Keeps a span, or how much longer it goes on.
pub(super) fn keep(db: &Connection, span: &Listened) -> Result<()> {
    run(
        db,
        "INSERT INTO listened (since, until, share) VALUES (?1, ?2, ?3) \
         ON CONFLICT (since) DO UPDATE SET until = max(until, excluded.until), \
         share = excluded.share",
        params![micros(span.since), micros(span.until.max(span.since)), span.share],
    )?;
    let oldest = span.since.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
    run(db, "DELETE FROM listened WHERE until < ?1", [micros(oldest)])?;
    Ok(())
}

/// The last span goes on until here at least.
pub(super) fn until(db: &Connection, at: Timestamp) -> Result<()> {
    run(
        db,
        "UPDATE listened SET until = ?1 \
         WHERE since = (SELECT max(since) FROM listened) AND until < ?1",
        [micros(at)],
    )?;
    Ok(())
}

pub(super) fn spans(db: &Connection) -> Result<Vec<Listened>> {
    all(
        db,
        "SELECT since, until, share FROM \
         (SELECT * FROM listened ORDER BY since DESC LIMIT ?1) ORDER BY since",
        [SPANS],
        |row| Ok(Listened { since: instant(row, 0)?, until: instant(row, 1)?, share: row.get(2)? }),
    )
}
