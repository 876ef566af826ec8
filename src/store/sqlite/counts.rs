//! What the public does with a mention: written down when it is found, and again when it grew.

use rusqlite::{Connection, params};

use super::row;
use super::sql::{damaged, first, micros, run, to_i64};
use crate::model::{Counts, Timestamp};
use crate::store::{Result, StoreError};

/// How long after a mention was first seen its counts are written down again, in microseconds:
/// what the public does with a post, it does within days.
const YOUNG: i64 = 72 * 3600 * 1_000_000;

/// Writes down the counts of a mention that is new, under its own number.
pub(super) fn begin(db: &Connection, seq: i64, new: &row::Encoded) -> Result<()> {
    let mention = &new.mention;
    if mention.item.counts.spread().is_none() {
        return Ok(());
    }
    write(db, (seq, seq), mention.first_seen, &mention.item.counts)
}

/// Writes down that the counts of a known mention outgrew those that are known, as its own source
/// says: two sources may count differently.
pub(super) fn grow(db: &Connection, seq: i64, new: &row::Encoded) -> Result<()> {
    let (now, seen) = (&new.mention.item.counts, new.mention.first_seen);
    if now.spread().is_none() {
        return Ok(());
    }
    let known = first(
        db,
        "SELECT json_extract(rest, '$.counts') FROM mention \
         WHERE seq = ?1 AND source = ?2 AND first_seen > ?3",
        params![seq, new.mention.source.as_str(), micros(seen).saturating_sub(YOUNG)],
        |row| Ok(row.get::<_, Option<String>>(0)?),
    )?;
    let Some(known) = known else { return Ok(()) };
    let known: Counts = known
        .map_or(Ok(Counts::default()), |known| serde_json::from_str(&known))
        .map_err(|e| damaged(format_args!("counts of mention {seq}: {e}")))?;
    if !now.outgrow(&known) {
        return Ok(());
    }
    let written = serde_json::to_string(now)
        .map_err(|e| StoreError::Refused(format!("counts cannot be written: {e}")))?;
    let sql = "UPDATE mention SET rest = json_set(rest, '$.counts', json(?2)) WHERE seq = ?1";
    run(db, sql, params![seq, written])?;
    let pos = first(
        db,
        "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'mention' RETURNING seq",
        [],
        |row| Ok(row.get(0)?),
    )?;
    let pos = pos.ok_or_else(|| damaged("mentions have no sequence"))?;
    write(db, (pos, seq), seen, now)
}

/// One row for each watch that hears the mention.
fn write(db: &Connection, (pos, seq): (i64, i64), at: Timestamp, counts: &Counts) -> Result<()> {
    let count = |count: Option<u64>| count.map(to_i64);
    run(
        db,
        "INSERT INTO counted (watch, pos, seq, at, likes, shares, replies, views) \
         SELECT watch, ?2, seq, ?3, ?4, ?5, ?6, ?7 FROM finding \
         WHERE seq = ?1 AND aside IS NULL AND late = 0",
        params![
            seq,
            pos,
            micros(at),
            count(counts.likes),
            count(counts.shares),
            count(counts.replies),
            count(counts.views),
        ],
    )?;
    Ok(())
}

pub(super) fn forget(db: &Connection, seq: i64) -> Result<()> {
    run(db, "DELETE FROM counted WHERE seq = ?1", [seq])?;
    Ok(())
}
