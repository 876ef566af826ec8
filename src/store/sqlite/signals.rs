//! What a detector hears: findings in the order of acceptance, and counts that grew meanwhile.

use rusqlite::{Connection, Row, params};

use super::sql::{all, instant, instant_or_none, number, page, source_id, to_i64};
use crate::model::{Counts, Seq, Tone, WatchId};
use crate::replay::Hearing;
use crate::store::{Result, StoredSignal};

/// Signals in one page.
const SIGNALS: usize = 10_000;

/// Both halves come by an index in the order of their position, so a page costs what it holds.
const SQL: &str = "\
    WITH said AS ( \
        SELECT f.watch, f.seq AS pos, f.seq, m.first_seen AS at FROM finding f \
            JOIN mention m ON m.seq = f.seq \
        WHERE f.watch = ?1 AND f.seq > ?2 AND f.aside IS NULL \
        UNION ALL \
        SELECT c.watch, c.pos, c.seq, c.at FROM counted c \
            JOIN finding f ON f.seq = c.seq AND f.watch = c.watch \
        WHERE c.watch = ?1 AND c.pos > ?2 AND c.pos <> c.seq AND f.aside IS NULL \
        ORDER BY pos LIMIT ?3) \
    SELECT s.pos, s.seq, s.at, f.event, f.tone, m.author_hash, m.fingerprint, m.reach, m.kind, \
        m.source, f.late, f.topics, c.likes, c.shares, c.replies, c.views, m.url, \
        (SELECT h.at FROM heard h \
            WHERE h.watch = s.watch AND h.upto >= s.pos ORDER BY h.upto LIMIT 1) \
    FROM said s JOIN finding f ON f.watch = s.watch AND f.seq = s.seq \
        JOIN mention m ON m.seq = s.seq \
        LEFT JOIN counted c ON c.watch = s.watch AND c.pos = s.pos \
    ORDER BY s.pos";

pub(super) fn after(
    db: &Connection,
    watch: &WatchId,
    after: Seq,
    limit: usize,
) -> Result<Vec<StoredSignal>> {
    all(db, SQL, params![watch.as_str(), to_i64(after), page(limit, SIGNALS)], signal)
}

fn signal(row: &Row<'_>) -> Result<StoredSignal> {
    let (seq, mention) = (number(row, 0)?, number(row, 1)?);
    let hearing = match (seq == mention, row.get(10)?) {
        (true, false) => Hearing::New,
        (true, true) => Hearing::Late,
        (false, _) => Hearing::Counted,
    };
    let topics: String = row.get(11)?;
    Ok(StoredSignal {
        seq,
        mention,
        hearing,
        arrived: instant(row, 2)?,
        event: instant(row, 3)?,
        tone: Tone::parse(&row.get::<_, String>(4)?).unwrap_or(Tone::Unknown),
        author: row.get::<_, i64>(5)?.cast_unsigned(),
        fingerprint: row.get::<_, i64>(6)?.cast_unsigned(),
        reach: number(row, 7)?,
        kind: row.get(8)?,
        source: source_id(row, 9)?,
        topics: topics.split_whitespace().map(str::to_owned).collect(),
        counts: Counts {
            likes: count(row, 12)?,
            shares: count(row, 13)?,
            replies: count(row, 14)?,
            views: count(row, 15)?,
        },
        url: row.get(16)?,
        heard: instant_or_none(row, 17)?,
    })
}

fn count(row: &Row<'_>, column: usize) -> Result<Option<u64>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(|count| u64::try_from(count).ok()))
}
