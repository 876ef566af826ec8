//! Sources: which are known, which are due, who holds their hosts.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::sql::{
    all, damaged, first, instant, instant_or_none, later, micros, number, page, run, small,
    source_id,
};
use crate::model::Timestamp;
use crate::source::Cursor;
use crate::store::{Result, SourceLease, SourceSeed, SourceStatus};

/// Leases given in one claim.
const CLAIM: usize = 1000;
/// A source polled further in the future than this was polled before the clock was set back: it
/// is due, or it would be silent until the clock is there again.
const SET_BACK: Duration = Duration::from_mins(10);
/// The least time between two polls of one host: sources of one site are asked one after the
/// other, and not in a burst.
const HOST_GAP: Duration = Duration::from_secs(1);
const WEEK: i64 = 7 * 24 * 3600 * 1_000_000;

pub(super) fn sync(db: &Connection, seeds: &[SourceSeed], now: Timestamp) -> Result<()> {
    let now = micros(now);
    run(db, "UPDATE source SET configured = 0 WHERE configured = 1", [])?;
    for seed in seeds {
        let id = seed.id.as_str();
        let due = micros(seed.first_due);
        // Another place under the same name: its cursor is void, and a poll of the old place that
        // is still under way must not bring the old cursor back, hence the new epoch.
        run(
            db,
            "UPDATE source SET fingerprint = ?2, cursor = '', next = ?4, epoch = epoch + 1, \
             holder = NULL, until = NULL, failures = 0, first_failure = NULL, last_error = NULL, \
             changed = ?5 WHERE id = ?1 AND (fingerprint <> ?2 OR kind <> ?3)",
            params![id, seed.fingerprint, seed.kind, due, now],
        )?;
        run(
            db,
            "INSERT INTO source (id, kind, host, fingerprint, configured, cursor, next, changed) \
             VALUES (?1, ?2, ?3, ?4, 1, '', ?5, ?6) ON CONFLICT (id) \
             DO UPDATE SET configured = 1, kind = excluded.kind, host = excluded.host",
            params![id, seed.kind, seed.host, seed.fingerprint, due, now],
        )?;
    }
    Ok(())
}

pub(super) fn claim(
    db: &Connection,
    node: &str,
    limit: usize,
    ttl: Duration,
    now: Timestamp,
) -> Result<Vec<SourceLease>> {
    let limit = page(limit.max(1), CLAIM);
    let due = all(
        db,
        "SELECT id FROM (SELECT id, next, row_number() OVER (PARTITION BY host ORDER BY next, id) \
         AS place FROM source WHERE configured = 1 AND (next <= ?1 OR last_poll > ?2) \
         AND host NOT IN (SELECT host FROM source WHERE until > ?1 \
         OR last_poll > ?1 - ?4 AND last_poll <= ?1)) AS candidate \
         WHERE place = 1 ORDER BY next, id LIMIT ?3",
        params![micros(now), later(now, SET_BACK), limit, gap()],
        |row| Ok(row.get::<_, String>(0)?),
    )?;
    due.iter().map(|id| lease(db, id, node, ttl, now)).collect()
}

fn lease(
    db: &Connection,
    id: &str,
    node: &str,
    ttl: Duration,
    now: Timestamp,
) -> Result<SourceLease> {
    let taken = first(
        db,
        "UPDATE source SET epoch = epoch + 1, holder = ?2, until = ?3, outdated = 0 WHERE id = ?1 \
         RETURNING id, epoch, next, until, cursor, failures, first_failure",
        params![id, node, later(now, ttl)],
        |row| {
            Ok(SourceLease {
                source: source_id(row, 0)?,
                epoch: number(row, 1)?,
                due: instant(row, 2)?,
                until: instant(row, 3)?,
                cursor: Cursor(row.get(4)?),
                failures: small(row, 5)?,
                first_failure: instant_or_none(row, 6)?,
            })
        },
    )?;
    taken.ok_or_else(|| damaged(format_args!("source {id} is listed but not there")))
}

/// A source cannot be claimed before the lease of its host ends, nor within the gap after the last
/// poll of its host.
pub(super) fn next_due(db: &Connection) -> Result<Option<Timestamp>> {
    // One pass over the hosts: a look at its host for each source is quadratic where thousands
    // of sources share one.
    let next = first(
        db,
        "SELECT min(max(due, coalesce(held, due), coalesce(asked + ?1, due))) FROM \
         (SELECT min(next) FILTER (WHERE configured = 1) AS due, max(until) AS held, \
         max(last_poll) AS asked FROM source GROUP BY host) WHERE due IS NOT NULL",
        [gap()],
        |row| instant_or_none(row, 0),
    )?;
    Ok(next.flatten())
}

/// The least time between two polls of one host, in microseconds.
fn gap() -> i64 {
    i64::try_from(HOST_GAP.as_micros()).unwrap_or(i64::MAX)
}

/// The epoch moves on, so that whoever still works under such a lease is fenced.
pub(super) fn release(db: &Connection, node: &str) -> Result<()> {
    run(
        db,
        "UPDATE source SET epoch = epoch + 1, holder = NULL, until = NULL WHERE holder = ?1",
        [node],
    )?;
    Ok(())
}

pub(super) fn statuses(db: &Connection) -> Result<Vec<SourceStatus>> {
    all(
        db,
        "SELECT id, kind, host, configured, next, last_poll, last_success, last_new, failures, \
         first_failure, last_result, last_error, (SELECT count(*) FROM mention m \
         WHERE m.source = s.id AND m.event > (SELECT max(last_poll) FROM source) - ?1) \
         FROM source s ORDER BY id",
        [WEEK],
        |row| {
            Ok(SourceStatus {
                id: source_id(row, 0)?,
                kind: row.get(1)?,
                host: row.get(2)?,
                configured: row.get(3)?,
                next: instant(row, 4)?,
                last_poll: instant_or_none(row, 5)?,
                last_success: instant_or_none(row, 6)?,
                last_new: instant_or_none(row, 7)?,
                failures: small(row, 8)?,
                first_failure: instant_or_none(row, 9)?,
                last_result: row.get(10)?,
                last_error: row.get(11)?,
                recent_mentions: number(row, 12)?,
            })
        },
    )
}
