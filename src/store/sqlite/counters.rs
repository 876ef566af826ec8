//! The counters of watches by the minute, and of mentions: kept up by whoever changes findings.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::mentions::MINUTE;
use super::sql::run;
use crate::model::Tone;
use crate::store::Result;

/// What a transaction adds to the counters and takes from them, written once at its end.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub mentions: i64,
    /// By watch and minute: total, negative, neutral, positive, mixed. Unknown is only in total.
    minutes: BTreeMap<(String, i64), [i64; 5]>,
}

impl Counters {
    pub(super) fn add(&mut self, watch: &str, event: i64, tone: Tone, by: i64) {
        let minute = event.div_euclid(MINUTE);
        let counts = self.minutes.entry((watch.to_owned(), minute)).or_default();
        counts[0] += by;
        match tone {
            Tone::Negative => counts[1] += by,
            Tone::Neutral => counts[2] += by,
            Tone::Positive => counts[3] += by,
            Tone::Mixed => counts[4] += by,
            Tone::Unknown => {}
        }
    }

    pub(super) fn write(&self, db: &Connection) -> Result<()> {
        for ((watch, minute), [total, negative, neutral, positive, mixed]) in &self.minutes {
            let row = params![watch, minute, total, negative, neutral, positive, mixed];
            // No upsert: SQLite checks the inserted row before it sees the conflict, and a
            // negative difference would fail the very check that guards the sum.
            let known = run(
                db,
                "UPDATE bucket SET total = total + ?3, negative = negative + ?4, \
                 neutral = neutral + ?5, positive = positive + ?6, mixed = mixed + ?7 \
                 WHERE watch = ?1 AND minute = ?2",
                row,
            )?;
            if known == 0 {
                run(
                    db,
                    "INSERT INTO bucket (watch, minute, total, negative, neutral, positive, mixed) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    row,
                )?;
            }
            run(
                db,
                "DELETE FROM bucket WHERE watch = ?1 AND minute = ?2 AND total = 0",
                params![watch, minute],
            )?;
        }
        run(db, "UPDATE tally SET value = value + ?1 WHERE name = 'mentions'", [self.mentions])?;
        Ok(())
    }
}
