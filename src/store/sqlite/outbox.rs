//! The outbox: messages that wait, are being sent, and what became of them.

use std::time::Duration;

use rusqlite::{Connection, Row, params};

use super::incidents;
use super::sql::{
    all, damaged, first, instant, instant_or_none, later, micros, number, page, run, small, to_i64,
};
use crate::model::{Event, IncidentId, Level, Notification, Timestamp};
use crate::store::{OutboxLease, OutboxStatus, Result, Settlement, StoreError};

/// Messages given in one claim; each may carry a chart.
const CLAIM: usize = 100;

/// Queues a message unless it is known: an event planned twice is told once.
pub(super) fn queue(db: &Connection, message: &Notification, now: Timestamp) -> Result<()> {
    let added = run(
        db,
        "INSERT INTO outbox (id, channel, recipient, incident, event, level, urgency, created, \
         state, due, changed, payload) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?9, ?9, ?10) \
         ON CONFLICT (id) DO NOTHING",
        params![
            message.id,
            message.channel,
            message.recipient,
            message.incident.0,
            message.event.as_str(),
            message.level.as_str(),
            message.level as i64,
            micros(message.created),
            micros(now),
            message.payload,
        ],
    )?;
    if added == 1 {
        let to = &message.recipient;
        incidents::line(db, &message.incident, now, "queued", Some(message.level), to)?;
    }
    Ok(())
}

pub(super) fn claim(
    db: &Connection,
    node: &str,
    channel: &str,
    limit: usize,
    ttl: Duration,
    now: Timestamp,
) -> Result<Vec<OutboxLease>> {
    let due = all(
        db,
        "SELECT id FROM outbox WHERE channel = ?1 AND state NOT IN ('sent', 'dead') \
         AND ((state = 'sending' AND until <= ?2) OR (state <> 'sending' AND due <= ?2)) \
         ORDER BY urgency DESC, created, id LIMIT ?3",
        params![channel, micros(now), page(limit.max(1), CLAIM)],
        |row| Ok(row.get::<_, String>(0)?),
    )?;
    let until = later(now, ttl);
    due.iter()
        .map(|id| {
            // Whoever held it before and never said what became of it may have sent it.
            let taken = first(
                db,
                "UPDATE outbox SET ambiguous = (ambiguous OR state <> 'queued'), \
                 state = 'sending', epoch = epoch + 1, attempts = attempts + 1, holder = ?2, \
                 until = ?3, changed = ?4 WHERE id = ?1 \
                 RETURNING id, channel, recipient, incident, event, level, payload, created, \
                 epoch, until, attempts, ambiguous",
                params![id, node, until, micros(now)],
                lease,
            )?;
            taken.ok_or_else(|| damaged(format_args!("message {id} is listed but not there")))
        })
        .collect()
}

fn lease(row: &Row<'_>) -> Result<OutboxLease> {
    Ok(OutboxLease {
        notification: Notification {
            id: row.get(0)?,
            channel: row.get(1)?,
            recipient: row.get(2)?,
            incident: IncidentId(row.get(3)?),
            event: event(&row.get::<_, String>(4)?)?,
            level: level(&row.get::<_, String>(5)?)?,
            payload: row.get(6)?,
            created: instant(row, 7)?,
        },
        epoch: number(row, 8)?,
        until: instant(row, 9)?,
        attempts: small(row, 10)?.saturating_sub(1),
        ambiguous: row.get(11)?,
    })
}

pub(super) fn level(word: &str) -> Result<Level> {
    let known = Level::ALL.into_iter().find(|level| level.as_str() == word);
    known.ok_or_else(|| damaged(format_args!("`{word}` is no level")))
}

fn event(word: &str) -> Result<Event> {
    let known = [Event::Opened, Event::Raised, Event::Fading, Event::Closed];
    known
        .into_iter()
        .find(|event| event.as_str() == word)
        .ok_or_else(|| damaged(format_args!("`{word}` is no event")))
}

/// Whoever was sending is gone, and so is what the server answered: the message may have left.
pub(super) fn release(db: &Connection, node: &str) -> Result<()> {
    run(
        db,
        "UPDATE outbox SET state = 'unknown', ambiguous = 1, epoch = epoch + 1, holder = NULL, \
         until = NULL WHERE holder = ?1 AND state = 'sending'",
        [node],
    )?;
    Ok(())
}

pub(super) fn settle(
    db: &Connection,
    lease: &OutboxLease,
    settlement: &Settlement,
    now: Timestamp,
) -> Result<()> {
    let message = &lease.notification;
    let (state, what, due, response, error) = match settlement {
        Settlement::Sent { response } => ("sent", "sent", None, Some(response), None),
        Settlement::Retry { at, error } => ("queued", "retry", Some(*at), None, Some(error)),
        Settlement::Unknown { at, error } => ("unknown", "unknown", Some(*at), None, Some(error)),
        Settlement::Dead { error } => ("dead", "dead", None, None, Some(error)),
    };
    let settled = run(
        db,
        "UPDATE outbox SET state = ?3, due = coalesce(?4, due), response = ?5, error = ?6, \
         ambiguous = (ambiguous OR ?3 = 'unknown'), holder = NULL, until = NULL, changed = ?7 \
         WHERE id = ?1 AND epoch = ?2 AND state = 'sending'",
        params![
            message.id,
            to_i64(lease.epoch),
            state,
            due.map(micros),
            response,
            error,
            micros(now)
        ],
    )?;
    if settled != 1 {
        return Err(StoreError::Fenced(format!("message {}", message.id)));
    }
    let words = response.or(error).map_or("", String::as_str);
    let detail = format!("{}: {words}", message.recipient);
    incidents::line(db, &message.incident, now, what, Some(message.level), &detail)
}

pub(super) fn statuses(db: &Connection) -> Result<Vec<OutboxStatus>> {
    all(
        db,
        "SELECT channel, state, count(*), min(created) FROM outbox GROUP BY channel, state \
         ORDER BY channel, state",
        [],
        |row| {
            Ok(OutboxStatus {
                channel: row.get(0)?,
                state: row.get(1)?,
                count: number(row, 2)?,
                oldest: instant_or_none(row, 3)?,
            })
        },
    )
}
