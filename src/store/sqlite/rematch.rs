//! Reading the past again for a watch that was edited: its job, its batches, its end.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use super::counters::Counters;
use super::polls::change;
use super::sql::{all, damaged, first, instant, later, micros, number, run, to_i64, watch_id};
use crate::model::{Finding, ItemKey, Timestamp, Tone, WatchId};
use crate::store::{
    Again, Outcome, RematchBatch, RematchLease, RematchStatus, Rematched, Result, StoreError,
    WatchSeed,
};

/// The columns that [`status`] reads, in its order.
const STATUS: &str = "watch, read, total, added, replaced, removed, started";

pub(super) fn sync(db: &Connection, watches: &[WatchSeed], now: Timestamp) -> Result<()> {
    let known = all(db, "SELECT id FROM watch WHERE definition IS NOT NULL", [], |row| {
        Ok(row.get::<_, String>(0)?)
    })?;
    for gone in known.iter().filter(|id| watches.iter().all(|seed| seed.id.as_str() != *id)) {
        // What is accepted until it comes back is not read for it.
        run(db, "UPDATE watch SET definition = NULL WHERE id = ?1", [gone])?;
        abandon(db, gone)?;
    }
    let sql = "SELECT (SELECT value FROM tally WHERE name = 'mentions') \
               + (SELECT count(*) FROM source WHERE until IS NOT NULL)";
    let past = first(db, sql, [], |row| number(row, 0))?.unwrap_or(0);
    let mut edited = false;
    for seed in watches {
        let id = seed.id.as_str();
        let sql = "SELECT 1 FROM watch WHERE id = ?1 AND definition = ?2";
        if first(db, sql, params![id, seed.definition], |_| Ok(()))?.is_some() {
            continue;
        }
        edited = true;
        run(
            db,
            "INSERT INTO watch (id, changed, definition) VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET definition = excluded.definition",
            params![id, micros(now), seed.definition],
        )?;
        abandon(db, id)?;
        if past > 0 {
            begin(db, seed, now)?;
        }
    }
    if edited {
        run(db, "UPDATE source SET outdated = 1 WHERE until IS NOT NULL", [])?;
    }
    Ok(())
}

fn begin(db: &Connection, seed: &WatchSeed, now: Timestamp) -> Result<()> {
    run(
        db,
        "INSERT INTO rematch (watch, definition, running, position, target, read, total, added, \
         replaced, removed, started, changed) \
         SELECT ?1, ?2, 1, 0, NULL, 0, value, 0, 0, 0, ?3, ?3 FROM tally WHERE name = 'mentions' \
         ON CONFLICT (watch) DO UPDATE SET definition = excluded.definition, running = 1, \
         position = 0, target = NULL, read = 0, total = excluded.total, added = 0, replaced = 0, \
         removed = 0, started = excluded.started, changed = excluded.changed, epoch = epoch + 1",
        params![seed.id.as_str(), seed.definition, micros(now)],
    )?;
    Ok(())
}

/// Ends a job that is under way; what it has changed is learned all the same.
fn abandon(db: &Connection, watch: &str) -> Result<()> {
    let changed = first(
        db,
        "UPDATE rematch SET running = 0, epoch = epoch + 1, holder = NULL, until = NULL \
         WHERE watch = ?1 AND running = 1 RETURNING added + replaced + removed",
        [watch],
        |row| number(row, 0),
    )?;
    if changed.is_some_and(|changed| changed > 0) { relearn(db, watch, 0) } else { Ok(()) }
}

/// Asks for a detector that knows the findings as they are now, and has listened since the first
/// mention. The epoch moves on, so that no
/// evaluation by the one that knew others is committed.
fn relearn(db: &Connection, watch: &str, upto: i64) -> Result<()> {
    run(
        db,
        "UPDATE watch SET relearn = max(coalesce(relearn, 0), ?2), epoch = epoch + 1, \
         holder = NULL, until = NULL, began = min(coalesce(began, first), first) \
         FROM (SELECT min(first_seen) AS first FROM \
         (SELECT first_seen FROM mention ORDER BY seq LIMIT 1)) \
         WHERE id = ?1",
        params![watch, upto],
    )?;
    Ok(())
}

pub(super) fn claim(
    db: &Connection,
    node: &str,
    ttl: Duration,
    now: Timestamp,
) -> Result<Option<RematchLease>> {
    first(
        db,
        "UPDATE rematch SET epoch = epoch + 1, holder = ?1, until = ?2, \
         total = CASE WHEN target IS NOT NULL THEN total \
         ELSE (SELECT value FROM tally WHERE name = 'mentions') END, \
         target = coalesce(target, (SELECT max(seq) FROM mention), 0) \
         WHERE watch = (SELECT watch FROM rematch WHERE running = 1 \
         AND (until IS NULL OR until <= ?3) AND (target IS NOT NULL \
         OR NOT EXISTS (SELECT 1 FROM source WHERE outdated = 1 AND until > ?3)) \
         ORDER BY started, watch LIMIT 1) \
         RETURNING watch, epoch, until, definition, position, target, total",
        params![node, later(now, ttl), micros(now)],
        |row| {
            Ok(RematchLease {
                watch: watch_id(row, 0)?,
                epoch: number(row, 1)?,
                until: instant(row, 2)?,
                definition: row.get(3)?,
                position: number(row, 4)?,
                target: number(row, 5)?,
                total: number(row, 6)?,
            })
        },
    )
}

/// The epoch moves on, so that whoever still works under such a lease is fenced.
pub(super) fn release(db: &Connection, node: &str) -> Result<()> {
    run(
        db,
        "UPDATE rematch SET epoch = epoch + 1, holder = NULL, until = NULL WHERE holder = ?1",
        [node],
    )?;
    Ok(())
}

pub(super) fn statuses(db: &Connection) -> Result<Vec<RematchStatus>> {
    let sql = format!("SELECT {STATUS} FROM rematch WHERE running = 1 ORDER BY started, watch");
    all(db, &sql, [], status)
}

fn status(row: &Row<'_>) -> Result<RematchStatus> {
    Ok(RematchStatus {
        watch: watch_id(row, 0)?,
        read: number(row, 1)?,
        total: number(row, 2)?,
        added: number(row, 3)?,
        replaced: number(row, 4)?,
        removed: number(row, 5)?,
        started: instant(row, 6)?,
    })
}

pub(super) fn commit(
    db: &Connection,
    lease: &RematchLease,
    batch: &RematchBatch,
    now: Timestamp,
) -> Result<Rematched> {
    let watch = &lease.watch;
    if batch.upto < lease.position {
        return Err(StoreError::Refused(format!(
            "reading again for watch {watch} would go back from {} to {}",
            lease.position, batch.upto
        )));
    }
    let mut counters = Counters::default();
    let outcomes = batch.mentions.iter().map(|again| reread(db, watch, again, &mut counters));
    let outcomes: Vec<Outcome> = outcomes.collect::<Result<_>>()?;
    counters.write(db)?;
    let ended = batch.upto >= lease.target;
    let job = move_on(db, lease, batch, &outcomes, now)?
        .ok_or_else(|| StoreError::Fenced(format!("reading again for watch {watch}")))?;
    if ended && job.added + job.replaced + job.removed > 0 {
        relearn(db, watch.as_str(), to_i64(lease.target))?;
    }
    Ok(Rematched { outcomes, job, ended })
}

/// Moves the position and gives the lease back, if it still is ours.
fn move_on(
    db: &Connection,
    lease: &RematchLease,
    batch: &RematchBatch,
    outcomes: &[Outcome],
    now: Timestamp,
) -> Result<Option<RematchStatus>> {
    let count = |which: Outcome| {
        i64::try_from(outcomes.iter().filter(|outcome| **outcome == which).count())
            .unwrap_or(i64::MAX)
    };
    let sql = format!(
        "UPDATE rematch SET position = ?3, running = ?3 < target, read = read + ?4, \
         added = added + ?5, replaced = replaced + ?6, removed = removed + ?7, holder = NULL, \
         until = NULL, changed = ?8 \
         WHERE watch = ?1 AND epoch = ?2 AND until IS NOT NULL RETURNING {STATUS}"
    );
    let values = params![
        lease.watch.as_str(),
        to_i64(lease.epoch),
        to_i64(batch.upto),
        batch.read,
        count(Outcome::Added),
        count(Outcome::Replaced),
        count(Outcome::Removed),
        micros(now),
    ];
    first(db, &sql, values, status)
}

/// Puts what a watch finds now in the place of what it found.
fn reread(
    db: &Connection,
    watch: &WatchId,
    again: &Again,
    counters: &mut Counters,
) -> Result<Outcome> {
    let known = first(
        db,
        "SELECT key, event, findings FROM mention WHERE seq = ?1 AND revision = ?2",
        params![to_i64(again.seq), again.revision],
        |row| Ok((ItemKey(row.get(0)?), row.get::<_, i64>(1)?, row.get::<_, String>(2)?)),
    )?;
    let Some((key, event, findings)) = known else { return Ok(Outcome::Overtaken) };
    let mut findings: Vec<Finding> = serde_json::from_str(&findings)
        .map_err(|e| damaged(format_args!("mention {}: {e}", again.seq)))?;
    let outcome = put(&mut findings, watch, again.finding.as_ref());
    if outcome == Outcome::Same {
        return Ok(outcome);
    }
    let findings = serde_json::to_string(&findings).map_err(|e| {
        StoreError::Refused(format!("findings of mention {key} cannot be written: {e}"))
    })?;
    let seq = to_i64(again.seq);
    run(db, "UPDATE mention SET findings = ?2 WHERE seq = ?1", params![seq, findings])?;
    let place = (seq, watch.as_str(), event);
    count(db, place, again.finding.as_ref(), counters)?;
    change(db, "put", seq, key)?;
    Ok(outcome)
}

/// The findings of a mention with this one of a watch, or without one.
fn put(findings: &mut Vec<Finding>, watch: &WatchId, new: Option<&Finding>) -> Outcome {
    let place = findings.iter().position(|finding| finding.watch == *watch);
    let known = place.and_then(|place| findings.get_mut(place));
    match (known, new) {
        (None, None) => Outcome::Same,
        (Some(known), Some(new)) if known == new => Outcome::Same,
        (Some(known), Some(new)) => {
            known.clone_from(new);
            Outcome::Replaced
        }
        (None, Some(new)) => {
            findings.push(new.clone());
            Outcome::Added
        }
        (Some(_), None) => {
            findings.retain(|finding| finding.watch != *watch);
            Outcome::Removed
        }
    }
}

/// The row of a finding and what it counts for. One that is replaced stays what it was: heard when
/// it arrived, or found late. What was set aside was never heard.
fn count(
    db: &Connection,
    (seq, watch, event): (i64, &str, i64),
    finding: Option<&Finding>,
    counters: &mut Counters,
) -> Result<()> {
    let gone = first(
        db,
        "DELETE FROM finding WHERE seq = ?1 AND watch = ?2 \
         RETURNING tone, late OR aside IS NOT NULL, aside IS NULL",
        params![seq, watch],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get::<_, bool>(2)?)),
    )?;
    if let Some((tone, _, true)) = &gone {
        counters.add(watch, event, Tone::parse(tone).unwrap_or(Tone::Unknown), -1);
    }
    if let Some(finding) = finding {
        let tone = finding.sentiment.label;
        let late = gone.is_none_or(|(_, late, _)| late);
        let aside = finding.aside.as_ref().map(|aside| aside.kind().as_str());
        run(
            db,
            "INSERT INTO finding (seq, watch, event, tone, late, aside, topics) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![seq, watch, event, tone.as_str(), late, aside, finding.topics.join(" ")],
        )?;
        if aside.is_none() {
            counters.add(watch, event, tone, 1);
        }
    }
    Ok(())
}
