//! Checks of the whole store: the pages by SQLite, what the tables say of each other by us.

use rusqlite::Connection;

use super::open;
use super::sql::{first, number};
use crate::store::Result;

/// What must count nothing, with the sentence for when it counts something.
const CHECKS: [(&str, &str); 9] = [
    (
        "mentions whose key does not lead to them",
        "SELECT count(*) FROM mention m LEFT JOIN item_key k ON k.key = m.key \
         WHERE k.seq IS NOT m.seq",
    ),
    (
        "keys that lead to no mention",
        "SELECT count(*) FROM item_key k LEFT JOIN mention m ON m.seq = k.seq \
         WHERE m.key IS NOT k.key",
    ),
    (
        "findings without their mention, or at another time",
        "SELECT count(*) FROM finding f LEFT JOIN mention m ON m.seq = f.seq \
         WHERE m.event IS NOT f.event",
    ),
    (
        "counters that differ from the findings they count",
        "WITH counted AS (SELECT watch, event / 60000000 AS minute, count(*) AS total, \
         sum(tone = 'negative') AS negative, sum(tone = 'neutral') AS neutral, \
         sum(tone = 'positive') AS positive, sum(tone = 'mixed') AS mixed \
         FROM finding WHERE aside IS NULL GROUP BY 1, 2), \
         kept AS (SELECT watch, minute, total, negative, neutral, positive, mixed FROM bucket) \
         SELECT (SELECT count(*) FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)) + \
         (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted))",
    ),
    (
        "mentions that the change feed does not name",
        "SELECT count(*) FROM mention WHERE seq NOT IN (SELECT seq FROM change WHERE op = 'put')",
    ),
    (
        "deleted mentions that the change feed does not delete",
        "SELECT count(DISTINCT seq) FROM change WHERE op = 'put' \
         AND seq NOT IN (SELECT seq FROM mention) \
         AND seq NOT IN (SELECT seq FROM change WHERE op = 'delete')",
    ),
    (
        "stories that are not known by one of their mentions",
        "SELECT count(*) FROM story s LEFT JOIN telling t ON t.seq = s.lead \
         WHERE t.story IS NOT s.id",
    ),
    (
        "mentions of stories that there are not",
        "SELECT count(*) FROM telling t LEFT JOIN story s ON s.id = t.story WHERE s.id IS NULL",
    ),
    (
        "mentions more or less than were counted",
        "SELECT abs((SELECT count(*) FROM mention) - \
         (SELECT value FROM tally WHERE name = 'mentions'))",
    ),
];

pub(super) fn verify(db: &Connection) -> Result<Vec<String>> {
    let mut broken = open::quick_check(db)?;
    for (sentence, sql) in CHECKS {
        let count = first(db, sql, [], |row| number(row, 0))?.unwrap_or(0);
        if count > 0 {
            broken.push(format!("{count} {sentence}"));
        }
    }
    Ok(broken)
}
