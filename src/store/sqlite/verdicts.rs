//! What people say of incidents, and the crises that they remember.

use rusqlite::{Connection, params};

use super::incidents;
use super::sql::{all, damaged, instant, instant_or_none, micros, run, watch_id};
use crate::model::{Incident, IncidentId, Level, Matter, Ruling, Timestamp, Verdict, WatchId};
use crate::replay::Mark;
use crate::store::{Result, StoreError};

/// Verdicts and marks in one answer.
const LINES: i64 = 10_000;

/// Keeps a verdict with what it makes of its incident. Whoever evaluates the watch meanwhile is
/// fenced: it reads the incident again before it decides anything.
pub(super) fn judge(
    db: &Connection,
    before: &Incident,
    after: &Incident,
    verdict: &Verdict,
) -> Result<()> {
    if incidents::one(db, &before.id)?.as_ref() != Some(before) {
        return Err(StoreError::Refused(format!(
            "incident {} changed meanwhile: look at it again",
            before.id
        )));
    }
    if after != before {
        incidents::put(db, after, verdict.at)?;
    }
    let what = verdict.ruling.as_str();
    let by = if verdict.by.is_empty() { "somebody" } else { &verdict.by };
    let detail = if verdict.note.is_empty() {
        format!("by {by}")
    } else {
        format!("by {by}: {}", verdict.note)
    };
    incidents::line(db, &before.id, verdict.at, what, None::<Level>, &detail)?;
    run(
        db,
        "INSERT INTO verdict (incident, watch, matter, at, ruling, by, note) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            verdict.incident.0,
            verdict.watch.as_str(),
            verdict.matter.as_str(),
            micros(verdict.at),
            what,
            verdict.by,
            verdict.note
        ],
    )?;
    fence(db, &verdict.watch)
}

/// Takes the right to evaluate a watch from whoever has it: what people say is read again first.
fn fence(db: &Connection, watch: &WatchId) -> Result<()> {
    let sql = "UPDATE watch SET epoch = epoch + 1, holder = NULL, until = NULL WHERE id = ?1";
    run(db, sql, [watch.as_str()])?;
    Ok(())
}

pub(super) fn of(db: &Connection, watch: &WatchId) -> Result<Vec<Verdict>> {
    all(
        db,
        "SELECT incident, watch, matter, at, ruling, by, note FROM verdict WHERE watch = ?1 \
         ORDER BY id DESC LIMIT ?2",
        params![watch.as_str(), LINES],
        |row| {
            let matter: String = row.get(2)?;
            let ruling: String = row.get(4)?;
            Ok(Verdict {
                incident: IncidentId(row.get(0)?),
                watch: watch_id(row, 1)?,
                matter: Matter::parse(&matter)
                    .ok_or_else(|| damaged(format_args!("a verdict about `{matter}`")))?,
                at: instant(row, 3)?,
                ruling: Ruling::parse(&ruling)
                    .ok_or_else(|| damaged(format_args!("a verdict `{ruling}`")))?,
                by: row.get(5)?,
                note: row.get(6)?,
            })
        },
    )
}

/// Keeps a mark; one of the same watch and beginning is replaced, but for when it was said first.
pub(super) fn mark(db: &Connection, mark: &Mark) -> Result<()> {
    run(
        db,
        "INSERT INTO mark (watch, at, peak, until, name, said) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (watch, at) DO UPDATE SET peak = excluded.peak, until = excluded.until, \
         name = excluded.name",
        params![
            mark.watch.as_str(),
            micros(mark.at),
            mark.peak.map(micros),
            mark.until.map(micros),
            mark.name,
            mark.said.map(micros)
        ],
    )?;
    fence(db, &mark.watch)
}

/// Forgets a mark; false when there is none.
pub(super) fn unmark(db: &Connection, watch: &WatchId, at: Timestamp) -> Result<bool> {
    let gone = run(
        db,
        "DELETE FROM mark WHERE watch = ?1 AND at = ?2",
        params![watch.as_str(), micros(at)],
    )?;
    fence(db, watch)?;
    Ok(gone > 0)
}

pub(super) fn marks(db: &Connection) -> Result<Vec<Mark>> {
    let sql = "SELECT watch, at, peak, until, name, said FROM mark ORDER BY at, watch LIMIT ?1";
    all(db, sql, [LINES], |row| {
        Ok(Mark {
            watch: watch_id(row, 0)?,
            at: instant(row, 1)?,
            peak: instant_or_none(row, 2)?,
            until: instant_or_none(row, 3)?,
            name: row.get(4)?,
            said: instant_or_none(row, 5)?,
        })
    })
}
