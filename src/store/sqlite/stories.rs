//! Which mentions are copies of one text: what the follower writes, and how stories spread.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::mentions;
use super::sql::{all, first, instant, micros, number, page, run, to_i64};
use crate::model::{Seq, Story, StoryId, Timestamp};
use crate::store::{
    MentionQuery, NewLead, Position, RecentStory, Result, StoreError, StoryChange, StoryPage,
    StoryQuery,
};

/// Stories in one answer.
const STORIES: usize = 1_000;
/// Stories that a follower begins with: more than it remembers.
const RECENT: usize = 100_000;

pub(super) fn position(db: &Connection) -> Result<Position> {
    let sql = "SELECT position FROM follower WHERE name = 'stories'";
    Ok(Position(first(db, sql, [], |row| number(row, 0))?.unwrap_or(0)))
}

pub(super) fn recent(db: &Connection, since: Timestamp, limit: usize) -> Result<Vec<RecentStory>> {
    let rows = all(
        db,
        "SELECT id, lead, last FROM story WHERE last >= ?1 ORDER BY last DESC, id DESC LIMIT ?2",
        params![micros(since), page(limit, RECENT)],
        |row| Ok((StoryId(number(row, 0)?), number(row, 1)?, instant(row, 2)?)),
    )?;
    let with_lead = |(id, lead, last): (StoryId, Seq, Timestamp)| {
        // A lead that is gone has its deletion still to come.
        let lead = mentions::one(db, lead).transpose()?;
        Some(lead.map(|lead| RecentStory { id, last, lead }))
    };
    rows.into_iter().filter_map(with_lead).collect()
}

pub(super) fn of(db: &Connection, seqs: &[Seq]) -> Result<Vec<(Seq, StoryId)>> {
    let found = seqs.iter().map(|seq| Ok(of_one(db, *seq)?.map(|story| (*seq, story))));
    found.filter_map(Result::transpose).collect()
}

fn of_one(db: &Connection, seq: Seq) -> Result<Option<StoryId>> {
    let sql = "SELECT story FROM telling WHERE seq = ?1";
    first(db, sql, [to_i64(seq)], |row| Ok(StoryId(number(row, 0)?)))
}

/// Writes what a page of the change feed did, if nobody went on from there before; says which
/// stories are known by another mention now, or are gone.
pub(super) fn commit(db: &Connection, page: &StoryPage) -> Result<Vec<NewLead>> {
    let moved = run(
        db,
        "UPDATE follower SET position = ?2 WHERE name = 'stories' AND position = ?1",
        params![to_i64(page.after.0), to_i64(page.upto.0)],
    )?;
    if moved != 1 {
        return Err(StoreError::Fenced("stories".to_owned()));
    }
    let mut leads = Vec::new();
    for change in &page.changes {
        match *change {
            StoryChange::Tell { seq, story, arrived } => {
                let known = of_one(db, seq)?;
                if known != Some(story) {
                    leads.extend(known.map(|known| leave(db, seq, known)).transpose()?.flatten());
                    join(db, seq, story)?;
                }
                tell(db, seq, story, arrived)?;
            }
            StoryChange::Forget { seq } => {
                if let Some(known) = of_one(db, seq)? {
                    leads.extend(leave(db, seq, known)?);
                }
            }
        }
    }
    Ok(leads)
}

fn join(db: &Connection, seq: Seq, story: StoryId) -> Result<()> {
    let row = params![to_i64(seq), to_i64(story.0)];
    run(db, "INSERT INTO telling (seq, story) VALUES (?1, ?2)", row)?;
    Ok(())
}

fn tell(db: &Connection, seq: Seq, story: StoryId, arrived: Timestamp) -> Result<()> {
    run(
        db,
        "INSERT INTO story (id, lead, last) VALUES (?1, ?2, ?3) \
         ON CONFLICT (id) DO UPDATE SET last = max(last, excluded.last)",
        params![to_i64(story.0), to_i64(seq), micros(arrived)],
    )?;
    Ok(())
}

/// Takes a mention out of its story. A story without mentions is gone.
fn leave(db: &Connection, seq: Seq, story: StoryId) -> Result<Option<NewLead>> {
    let id = to_i64(story.0);
    run(db, "DELETE FROM telling WHERE seq = ?1", [to_i64(seq)])?;
    let next = "SELECT seq FROM telling WHERE story = ?1 ORDER BY seq LIMIT 1";
    let lead = first(db, next, [id], |row| number(row, 0))?;
    let changed = match lead {
        Some(lead) => run(
            db,
            "UPDATE story SET lead = ?3 WHERE id = ?1 AND lead = ?2",
            params![id, to_i64(seq), to_i64(lead)],
        )?,
        None => run(db, "DELETE FROM story WHERE id = ?1", [id])?,
    };
    Ok((changed > 0).then_some(NewLead { story, lead }))
}

/// Counts the mentions that were asked for, by story; how long a story lives is of all of it.
pub(super) fn find(db: &Connection, query: &StoryQuery) -> Result<Vec<Story>> {
    let asked = MentionQuery {
        watch: query.watch.clone(),
        tone: query.tone,
        aside: query.aside,
        since: query.since,
        until: query.until,
        ..MentionQuery::default()
    };
    let (from, mut values) = mentions::conditions(&asked);
    values.push(Value::Integer(page(query.limit, STORIES)));
    let sql = format!(
        "WITH asked AS (SELECT m.seq, m.source, m.author_hash FROM {from}), \
         counted AS (SELECT t.story, count(*) AS mentions, count(DISTINCT source) AS sources, \
         count(DISTINCT author_hash) AS authors FROM asked JOIN telling t ON t.seq = asked.seq \
         GROUP BY t.story ORDER BY mentions DESC, t.story DESC LIMIT ?) \
         SELECT s.id, s.lead, \
         (SELECT min(m.event) FROM telling t JOIN mention m ON m.seq = t.seq WHERE t.story = s.id), \
         (SELECT max(m.event) FROM telling t JOIN mention m ON m.seq = t.seq WHERE t.story = s.id), \
         c.mentions, c.sources, c.authors FROM counted c JOIN story s ON s.id = c.story \
         ORDER BY c.mentions DESC, s.id DESC"
    );
    all(db, &sql, params_from_iter(values), |row| {
        Ok(Story {
            id: StoryId(number(row, 0)?),
            lead: number(row, 1)?,
            first_seen: instant(row, 2)?,
            last_seen: instant(row, 3)?,
            mentions: number(row, 4)?,
            sources: number(row, 5)?,
            authors: number(row, 6)?,
        })
    })
}
