//! Incidents and their timelines.

use rusqlite::{Connection, params};

use super::sql::{all, damaged, first, instant, micros, page, run};
use crate::model::{Event, Incident, IncidentId, Level, Matter, State, Timestamp};
use crate::store::{IncidentQuery, Result, StoreError, TimelineEntry};

/// Incidents in one answer, and lines of one timeline.
const INCIDENTS: usize = 1000;
const LINES: i64 = 10_000;

/// Writes an incident as it is now. A second open one of a watch and matter is refused: two of them
/// would share one crisis between them.
pub(super) fn put(db: &Connection, incident: &Incident, now: Timestamp) -> Result<()> {
    let id = &incident.id.0;
    if incident.state != State::Closed {
        let other: Option<String> = first(
            db,
            "SELECT id FROM incident WHERE watch = ?1 AND matter = ?2 AND state <> 'closed' \
             AND id <> ?3",
            params![incident.watch.as_str(), incident.matter.as_str(), id],
            |row| Ok(row.get(0)?),
        )?;
        if let Some(other) = other {
            return Err(StoreError::Refused(format!(
                "incident {id} cannot open while {other} of the same watch is not closed"
            )));
        }
    }
    let body = serde_json::to_string(incident)
        .map_err(|e| StoreError::Refused(format!("incident {id} cannot be written: {e}")))?;
    run(
        db,
        "INSERT INTO incident (id, watch, matter, level, state, opened, changed, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET \
         level = excluded.level, state = excluded.state, changed = excluded.changed, \
         body = excluded.body",
        params![
            id,
            incident.watch.as_str(),
            incident.matter.as_str(),
            incident.level.as_str(),
            incident.state.as_str(),
            micros(incident.opened),
            micros(now),
            body,
        ],
    )?;
    Ok(())
}

/// Adds an event to the timeline of its incident, with the numbers behind it.
pub(super) fn tell(db: &Connection, incident: &Incident, event: Event) -> Result<()> {
    let because = &incident.because;
    let volume = &because.volume;
    let detail = match incident.matter {
        Matter::BadBuzz => format!(
            "{:.0} negative in {} min where {:.1} are usual, score {:.0}",
            because.observed, because.window_minutes, because.expected, because.score
        ),
        Matter::Surge | Matter::Silence => format!(
            "{:.0} mentions in {} min where {:.1} are usual",
            volume.observed, volume.window_minutes, volume.expected
        ),
        Matter::Blind => {
            format!("{:.0} % of the usual volume can be heard", because.audible * 100.0)
        }
    };
    line(db, &incident.id, incident.changed, event.as_str(), Some(incident.level), &detail)
}

/// Adds a line to a timeline.
pub(super) fn line(
    db: &Connection,
    incident: &IncidentId,
    at: Timestamp,
    what: &str,
    level: Option<Level>,
    detail: &str,
) -> Result<()> {
    run(
        db,
        "INSERT INTO timeline (incident, at, what, level, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![incident.0, micros(at), what, level.map(Level::as_str), detail],
    )?;
    Ok(())
}

pub(super) fn find(db: &Connection, query: &IncidentQuery) -> Result<Vec<Incident>> {
    all(
        db,
        "SELECT body FROM incident WHERE (?1 IS NULL OR watch = ?1) \
         AND (?2 IS NULL OR matter = ?2) AND (NOT ?3 OR state <> 'closed') \
         ORDER BY opened DESC, id DESC LIMIT ?4",
        params![
            query.watch.as_ref().map(crate::model::WatchId::as_str),
            query.matter.map(Matter::as_str),
            query.open,
            page(query.limit, INCIDENTS)
        ],
        |row| parse(&row.get::<_, String>(0)?),
    )
}

pub(super) fn one(db: &Connection, id: &IncidentId) -> Result<Option<Incident>> {
    first(db, "SELECT body FROM incident WHERE id = ?1", [&id.0], |row| {
        parse(&row.get::<_, String>(0)?)
    })
}

fn parse(body: &str) -> Result<Incident> {
    serde_json::from_str(body).map_err(|e| damaged(format_args!("an incident: {e}")))
}

pub(super) fn timeline(db: &Connection, id: &IncidentId) -> Result<Vec<TimelineEntry>> {
    all(
        db,
        "SELECT at, what, level, detail FROM timeline WHERE incident = ?1 ORDER BY id LIMIT ?2",
        params![id.0, LINES],
        |row| {
            let level: Option<String> = row.get(2)?;
            Ok(TimelineEntry {
                at: instant(row, 0)?,
                what: row.get(1)?,
                level: level.as_deref().map(super::outbox::level).transpose()?,
                detail: row.get(3)?,
            })
        },
    )
}
