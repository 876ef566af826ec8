//! One poll, one transaction: mentions, counters, change feed, cursor, next poll, lease.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::counters::Counters;
use super::sql::{all, first, instant, micros, run, small, to_i64};
use super::{counts, row};
use crate::model::{AsideKind, ItemKey, SourceId, Timestamp, Tone};
use crate::store::{Committed, Poll, Result, SourceLease, StoreError};

/// A poll whose mentions are already written as rows.
#[derive(Debug)]
pub(super) struct Encoded {
    source: SourceId,
    epoch: u64,
    result: &'static str,
    error: Option<String>,
    cursor: Option<String>,
    next: Timestamp,
    mentions: Vec<row::Encoded>,
    removed: Vec<ItemKey>,
    items: u32,
}

impl Encoded {
    pub(super) fn new(lease: &SourceLease, poll: &Poll) -> Result<Encoded> {
        Ok(Encoded {
            source: lease.source.clone(),
            epoch: lease.epoch,
            result: poll.result,
            error: poll.error.clone(),
            cursor: poll.cursor.as_ref().map(|cursor| cursor.0.clone()),
            next: poll.next,
            mentions: poll.mentions.iter().map(row::Encoded::new).collect::<Result<_>>()?,
            removed: poll.removed.clone(),
            items: poll.items,
        })
    }
}

pub(super) fn commit(db: &Connection, poll: &Encoded, now: Timestamp) -> Result<Committed> {
    let fenced = || StoreError::Fenced(format!("source {}", poll.source));
    // A lease that was given back is no right either: one lease, one poll.
    let before: String = first(
        db,
        "SELECT cursor FROM source WHERE id = ?1 AND epoch = ?2 AND until IS NOT NULL",
        params![poll.source.as_str(), to_i64(poll.epoch)],
        |row| Ok(row.get(0)?),
    )?
    .ok_or_else(fenced)?;
    let mut counters = Counters::default();
    let mut committed = Committed::default();
    let mut met = HashSet::with_capacity(poll.mentions.len());
    for new in &poll.mentions {
        let key = new.mention.item.key;
        // Two items under one key in one page: the first is kept, or they would take turns in
        // revising each other at every poll.
        if met.insert(key) {
            store(db, new, &mut counters, &mut committed)?;
        } else {
            committed.duplicates += 1;
        }
    }
    for key in &poll.removed {
        if remove(db, *key, &mut counters)? {
            committed.removed += 1;
            committed.accepted.retain(|(accepted, _)| accepted != key);
        }
    }
    counters.write(db)?;
    let moved = poll.items > 0 && poll.cursor.as_ref().is_some_and(|cursor| *cursor != before);
    let fresh = moved || !committed.accepted.is_empty();
    if move_on(db, poll, fresh, now)? == 1 { Ok(committed) } else { Err(fenced()) }
}

/// Moves the cursor and gives the lease back, if it still is ours.
fn move_on(db: &Connection, poll: &Encoded, fresh: bool, now: Timestamp) -> Result<usize> {
    let succeeded = poll.error.is_none();
    run(
        db,
        "UPDATE source SET cursor = coalesce(?3, cursor), next = ?4, holder = NULL, until = NULL, \
         last_poll = ?5, last_success = CASE WHEN ?6 THEN ?5 ELSE last_success END, \
         last_new = CASE WHEN ?7 THEN ?5 ELSE last_new END, \
         failures = CASE WHEN ?6 THEN 0 ELSE failures + 1 END, \
         first_failure = CASE WHEN ?6 THEN NULL ELSE coalesce(first_failure, ?5) END, \
         last_result = ?8, last_error = ?9, changed = ?5 \
         WHERE id = ?1 AND epoch = ?2 AND until IS NOT NULL",
        params![
            poll.source.as_str(),
            to_i64(poll.epoch),
            poll.cursor,
            micros(poll.next),
            micros(now),
            succeeded,
            fresh,
            poll.result,
            poll.error,
        ],
    )
}

fn store(
    db: &Connection,
    new: &row::Encoded,
    counters: &mut Counters,
    committed: &mut Committed,
) -> Result<()> {
    let key = new.mention.item.key;
    match seq_of(db, key)? {
        None => {
            let seq = insert(db, new, counters)?;
            committed.accepted.push((key, seq.cast_unsigned()));
        }
        Some(seq) => {
            counts::grow(db, seq, new)?;
            if revise(db, seq, new, counters)? {
                committed.revised += 1;
            } else {
                committed.duplicates += 1;
            }
        }
    }
    Ok(())
}

fn seq_of(db: &Connection, key: ItemKey) -> Result<Option<i64>> {
    first(db, "SELECT seq FROM item_key WHERE key = ?1", [key.0], |row| Ok(row.get(0)?))
}

fn insert(db: &Connection, new: &row::Encoded, counters: &mut Counters) -> Result<i64> {
    let mention = &new.mention;
    let item = &mention.item;
    let event = micros(mention.event_time());
    run(
        db,
        "INSERT INTO mention (key, source, kind, first_seen, event, revision, fingerprint, \
         author_hash, reach, author, url, title, text, rest, findings) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            item.key.0,
            mention.source.as_str(),
            mention.kind,
            micros(mention.first_seen),
            event,
            mention.revision,
            mention.fingerprint.cast_signed(),
            new.author_hash,
            new.reach,
            new.author,
            item.url,
            item.title,
            item.text,
            new.rest,
            new.findings,
        ],
    )?;
    let seq = db.last_insert_rowid();
    run(db, "INSERT INTO item_key (key, seq) VALUES (?1, ?2)", params![item.key.0, seq])?;
    find(db, seq, event, new, counters)?;
    counts::begin(db, seq, new)?;
    counters.mentions += 1;
    change(db, "put", seq, item.key)?;
    Ok(seq)
}

/// Replaces what changed under a known key; false when title and text are the same, and for
/// another source than the one that brought it: two feeds of one site may carry one article, one
/// with its text and one with an extract, and would take turns in revising each other for ever.
///
/// The mention keeps its place, its source and the instant it was first seen: what was heard
/// then was heard then.
fn revise(db: &Connection, seq: i64, new: &row::Encoded, counters: &mut Counters) -> Result<bool> {
    let item = &new.mention.item;
    let known = first(
        db,
        "SELECT first_seen, revision FROM mention WHERE seq = ?1 \
         AND (title <> ?2 OR text <> ?3) AND source = ?4",
        params![seq, item.title, item.text, new.mention.source.as_str()],
        |row| Ok((instant(row, 0)?, small(row, 1)?)),
    )?;
    let Some((first_seen, revision)) = known else { return Ok(false) };
    let mut clock = new.mention.clone();
    clock.first_seen = first_seen;
    let event = micros(clock.event_time());
    run(
        db,
        "UPDATE mention SET event = ?2, revision = ?3, fingerprint = ?4, author_hash = ?5, \
         reach = ?6, author = ?7, url = ?8, title = ?9, text = ?10, rest = ?11, findings = ?12 \
         WHERE seq = ?1",
        params![
            seq,
            event,
            revision.saturating_add(1),
            new.mention.fingerprint.cast_signed(),
            new.author_hash,
            new.reach,
            new.author,
            item.url,
            item.title,
            item.text,
            new.rest,
            new.findings,
        ],
    )?;
    forget_findings(db, seq, counters)?;
    find(db, seq, event, new, counters)?;
    change(db, "put", seq, item.key)?;
    Ok(true)
}

/// Removes a mention that its source took back; false when it is not known.
fn remove(db: &Connection, key: ItemKey, counters: &mut Counters) -> Result<bool> {
    let Some(seq) = seq_of(db, key)? else { return Ok(false) };
    forget_findings(db, seq, counters)?;
    counts::forget(db, seq)?;
    run(db, "DELETE FROM mention WHERE seq = ?1", [seq])?;
    run(db, "DELETE FROM item_key WHERE key = ?1", [key.0])?;
    counters.mentions -= 1;
    change(db, "delete", seq, key)?;
    Ok(true)
}

fn find(
    db: &Connection,
    seq: i64,
    event: i64,
    new: &row::Encoded,
    counters: &mut Counters,
) -> Result<()> {
    for row::Found { watch, tone, aside, topics } in &new.found {
        run(
            db,
            "INSERT INTO finding (seq, watch, event, tone, aside, topics) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![seq, watch, event, tone.as_str(), aside.map(AsideKind::as_str), topics],
        )?;
        if aside.is_none() {
            counters.add(watch, event, *tone, 1);
        }
    }
    Ok(())
}

fn forget_findings(db: &Connection, seq: i64, counters: &mut Counters) -> Result<()> {
    let sql = "DELETE FROM finding WHERE seq = ?1 RETURNING watch, event, tone, aside IS NULL";
    let gone = all(db, sql, [seq], |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?))
    })?;
    for (watch, event, tone, counted) in gone {
        if counted {
            counters.add(&watch, event, Tone::parse(&tone).unwrap_or(Tone::Unknown), -1);
        }
    }
    Ok(())
}

pub(super) fn change(db: &Connection, op: &str, seq: i64, key: ItemKey) -> Result<()> {
    run(db, "INSERT INTO change (op, seq, key) VALUES (?1, ?2, ?3)", params![op, seq, key.0])?;
    Ok(())
}
