//! Reading mentions, their counters and the change feed.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::row::{COLUMNS, decode};
use super::sql::{all, damaged, first, from_micros, micros, number, page, small, to_i64};
use crate::model::{AsideKind, ItemKey, Mention, Seq, Timestamp, WatchId};
use crate::store::{Bucket, Change, MentionQuery, Position, Result};

/// Microseconds in the step of the counters.
pub(super) const MINUTE: i64 = 60 * 1_000_000;
/// Mentions in one answer: each may be 64 KiB.
const MENTIONS: usize = 1000;
/// Changes in one page.
const CHANGES: usize = 10_000;

pub(super) fn by_seq(db: &Connection, seqs: &[Seq]) -> Result<Vec<Mention>> {
    let found = seqs.iter().map(|seq| one(db, *seq));
    found.filter_map(Result::transpose).collect()
}

pub(super) fn one(db: &Connection, seq: Seq) -> Result<Option<Mention>> {
    let sql = format!("SELECT {COLUMNS} FROM mention m WHERE m.seq = ?1");
    first(db, &sql, [to_i64(seq)], decode)
}

pub(super) fn between(
    db: &Connection,
    after: Seq,
    upto: Seq,
    limit: usize,
) -> Result<Vec<Mention>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM mention m WHERE m.seq > ?1 AND m.seq <= ?2 ORDER BY m.seq LIMIT ?3"
    );
    all(db, &sql, params![to_i64(after), to_i64(upto), page(limit, MENTIONS)], decode)
}

pub(super) fn find(db: &Connection, query: &MentionQuery) -> Result<Vec<Mention>> {
    let (from, mut values) = conditions(query);
    values.push(Value::Integer(page(query.limit, MENTIONS)));
    let sql = format!(
        "SELECT {COLUMNS} FROM {from} ORDER BY {by}.event DESC, {by}.seq DESC LIMIT ?",
        by = if query.watch.is_some() { "f" } else { "m" },
    );
    all(db, &sql, params_from_iter(values), decode)
}

pub(super) fn count(db: &Connection, query: &MentionQuery) -> Result<u64> {
    let (from, values) = conditions(query);
    let sql = format!("SELECT count(*) FROM {from}");
    Ok(first(db, &sql, params_from_iter(values), |row| number(row, 0))?.unwrap_or(0))
}

pub(super) fn asides(
    db: &Connection,
    watch: &WatchId,
    since: Timestamp,
) -> Result<Vec<(AsideKind, u64)>> {
    let counted = all(
        db,
        "SELECT aside, count(*) FROM finding WHERE watch = ?1 AND event >= ?2 \
         AND aside IS NOT NULL GROUP BY aside",
        params![watch.as_str(), micros(since)],
        |row| Ok((AsideKind::parse(&row.get::<_, String>(0)?), number(row, 1)?)),
    )?;
    let mut known: Vec<_> =
        counted.into_iter().filter_map(|(kind, count)| Some((kind?, count))).collect();
    known.sort_unstable();
    Ok(known)
}

/// The FROM and WHERE of a query, with the values of its place-holders in order. With a watch it
/// walks the watch's findings by time, else the mentions themselves.
pub(super) fn conditions(query: &MentionQuery) -> (String, Vec<Value>) {
    let mut terms = Vec::new();
    let mut values = Vec::new();
    let mut hold = |term: String, value: Value| {
        terms.push(term);
        values.push(value);
    };
    let text = |word: &str| Value::Text(word.to_owned());
    let by = if query.watch.is_some() { "f" } else { "m" };
    if let Some(watch) = &query.watch {
        hold("f.watch = ?".to_owned(), text(watch.as_str()));
    }
    if let Some(source) = &query.source {
        hold("m.source = ?".to_owned(), text(source.as_str()));
    }
    if let Some(tone) = query.tone {
        let term = if query.watch.is_some() {
            "f.tone = ?"
        } else {
            "EXISTS (SELECT 1 FROM finding f WHERE f.seq = m.seq AND f.tone = ?)"
        };
        hold(term.to_owned(), text(tone.as_str()));
    }
    if let Some(story) = query.story {
        let term = "m.seq IN (SELECT seq FROM telling WHERE story = ?)";
        hold(term.to_owned(), Value::Integer(to_i64(story.0)));
    }
    if let Some(since) = query.since {
        hold(format!("{by}.event >= ?"), Value::Integer(micros(since)));
    }
    if let Some(until) = query.until {
        hold(format!("{by}.event < ?"), Value::Integer(micros(until)));
    }
    if let Some(aside) = query.aside {
        let wanted = if aside { "f.aside IS NOT NULL" } else { "f.aside IS NULL" };
        terms.push(match query.watch {
            Some(_) => wanted.to_owned(),
            None => format!("EXISTS (SELECT 1 FROM finding f WHERE f.seq = m.seq AND {wanted})"),
        });
    }
    let mut from = match query.watch {
        Some(_) => "finding f JOIN mention m ON m.seq = f.seq",
        None => "mention m",
    }
    .to_owned();
    for (place, term) in terms.iter().enumerate() {
        from.push_str(if place == 0 { " WHERE " } else { " AND " });
        from.push_str(term);
    }
    (from, values)
}

pub(super) fn buckets(
    db: &Connection,
    watch: &WatchId,
    since: Timestamp,
    until: Timestamp,
    step: Duration,
) -> Result<Vec<Bucket>> {
    let step = i64::try_from(step.as_micros()).unwrap_or(i64::MAX).div_euclid(MINUTE).max(1);
    let ceil = |at: Timestamp| micros(at).saturating_add(MINUTE - 1).div_euclid(MINUTE);
    let minutes = all(
        db,
        "SELECT minute, total, negative, neutral, positive, mixed FROM bucket \
         WHERE watch = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute",
        params![watch.as_str(), ceil(since), ceil(until)],
        |row| {
            let start = row.get::<_, i64>(0)?.div_euclid(step).saturating_mul(step);
            let counts =
                [small(row, 1)?, small(row, 2)?, small(row, 3)?, small(row, 4)?, small(row, 5)?];
            Ok((start, counts))
        },
    )?;
    let mut steps: BTreeMap<i64, [u32; 5]> = BTreeMap::new();
    for (start, counts) in minutes {
        let sums = steps.entry(start).or_default();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum = sum.saturating_add(count);
        }
    }
    let bucket = |(start, [total, negative, neutral, positive, mixed]): (i64, [u32; 5])| {
        let start = from_micros(start.saturating_mul(MINUTE))?;
        Ok(Bucket { start, total, negative, neutral, positive, mixed })
    };
    steps.into_iter().map(bucket).collect()
}

pub(super) fn changes_after(
    db: &Connection,
    after: Position,
    limit: usize,
) -> Result<(Vec<Change>, Position)> {
    let rows = all(
        db,
        "SELECT pos, op, seq, key FROM change WHERE pos > ?1 ORDER BY pos LIMIT ?2",
        params![to_i64(after.0), page(limit, CHANGES)],
        |row| {
            let op: String = row.get(1)?;
            Ok((Position(number(row, 0)?), op, number(row, 2)?, ItemKey(row.get(3)?)))
        },
    )?;
    let last = rows.last().map_or(after, |(position, ..)| *position);
    let mut changes = Vec::with_capacity(rows.len());
    for (_, op, seq, key) in rows {
        match op.as_str() {
            "put" => changes.extend(one(db, seq)?.map(|m| Change::Put(Box::new(m)))),
            "delete" => changes.push(Change::Delete { seq, key }),
            other => return Err(damaged(format_args!("a change is `{other}`"))),
        }
    }
    Ok((changes, last))
}

pub(super) fn last_position(db: &Connection) -> Result<Position> {
    let last = first(db, "SELECT coalesce(max(pos), 0) FROM change", [], |row| number(row, 0))?;
    Ok(Position(last.unwrap_or(0)))
}
