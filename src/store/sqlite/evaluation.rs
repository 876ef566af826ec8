//! The right to evaluate a watch, and the outcome in one transaction.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use super::sql::{first, instant, instant_or_none, later, micros, number, run, to_i64, watch_id};
use super::{incidents, listened, outbox};
use crate::model::{Timestamp, WatchId};
use crate::store::{Checkpoint, Evaluation, Result, StoreError, WatchLease};

pub(super) fn claim(
    db: &Connection,
    node: &str,
    watch: &WatchId,
    ttl: Duration,
    now: Timestamp,
) -> Result<Option<WatchLease>> {
    run(
        db,
        "INSERT INTO watch (id, changed, began) VALUES (?1, ?2, ?2) \
         ON CONFLICT (id) DO UPDATE SET began = excluded.began WHERE began IS NULL",
        params![watch.as_str(), micros(now)],
    )?;
    first(
        db,
        "UPDATE watch SET epoch = epoch + 1, holder = ?2, until = ?3 \
         WHERE id = ?1 AND (until IS NULL OR until <= ?4) \
         RETURNING id, epoch, until, evaluated, evaluated_at, checkpoint_upto, checkpoint_at, \
         checkpoint, relearn, began",
        params![watch.as_str(), node, later(now, ttl), micros(now)],
        lease,
    )
}

fn lease(row: &Row<'_>) -> Result<WatchLease> {
    let checkpoint = match instant_or_none(row, 6)? {
        Some(at) => Some(Checkpoint { upto: number(row, 5)?, at, course: row.get(7)? }),
        None => None,
    };
    Ok(WatchLease {
        watch: watch_id(row, 0)?,
        epoch: number(row, 1)?,
        until: instant(row, 2)?,
        evaluated: number(row, 3)?,
        evaluated_at: instant_or_none(row, 4)?,
        checkpoint,
        relearn: row.get::<_, Option<i64>>(8)?.map(i64::cast_unsigned),
        began: instant(row, 9)?,
    })
}

pub(super) fn began(db: &Connection, watch: &WatchId) -> Result<Option<Timestamp>> {
    let sql = "SELECT began FROM watch WHERE id = ?1";
    let found = first(db, sql, [watch.as_str()], |row| instant_or_none(row, 0))?;
    Ok(found.flatten())
}

/// The epoch moves on, so that whoever still works under such a lease is fenced.
pub(super) fn release(db: &Connection, node: &str) -> Result<()> {
    run(
        db,
        "UPDATE watch SET epoch = epoch + 1, holder = NULL, until = NULL WHERE holder = ?1",
        [node],
    )?;
    Ok(())
}

pub(super) fn commit(
    db: &Connection,
    lease: &WatchLease,
    evaluation: &Evaluation,
    now: Timestamp,
) -> Result<()> {
    let watch = lease.watch.as_str();
    if evaluation.upto < lease.evaluated {
        let (from, to) = (lease.evaluated, evaluation.upto);
        return Err(StoreError::Refused(format!(
            "watch {watch} would go back from {from} to {to}"
        )));
    }
    let moved = run(
        db,
        "UPDATE watch SET evaluated = ?3, evaluated_at = ?4, holder = NULL, until = NULL, \
         changed = ?5 WHERE id = ?1 AND epoch = ?2 AND until IS NOT NULL",
        params![
            watch,
            to_i64(lease.epoch),
            to_i64(evaluation.upto),
            micros(evaluation.at),
            micros(now),
        ],
    )?;
    if moved != 1 {
        return Err(StoreError::Fenced(format!("watch {watch}")));
    }
    if evaluation.upto > lease.evaluated {
        run(
            db,
            "INSERT INTO heard (watch, upto, at) VALUES (?1, ?2, ?3) \
             ON CONFLICT (watch, upto) DO UPDATE SET at = excluded.at",
            params![watch, to_i64(evaluation.upto), micros(evaluation.at)],
        )?;
    }
    listened::until(db, evaluation.at)?;
    if let Some(checkpoint) = &evaluation.checkpoint {
        let (upto, at) = (to_i64(checkpoint.upto), micros(checkpoint.at));
        run(
            db,
            "UPDATE watch SET checkpoint = ?2, checkpoint_upto = ?3, checkpoint_at = ?4, \
             relearn = NULL WHERE id = ?1",
            params![watch, checkpoint.course, upto, at],
        )?;
    }
    for (incident, event) in &evaluation.incidents {
        incidents::put(db, incident, now)?;
        if let Some(event) = event {
            incidents::tell(db, incident, *event)?;
        }
    }
    for notification in &evaluation.outbox {
        outbox::queue(db, notification, now)?;
    }
    Ok(())
}
