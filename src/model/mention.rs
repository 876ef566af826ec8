//! A mention: an item that matched at least one watch, kept with what was understood of it.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Finding, Item, SourceId, Timestamp};

/// Position of a mention in the order of acceptance. Has holes; never reused.
pub type Seq = u64;

/// What is stored, indexed, counted and quoted in a mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// 0 until the store has accepted it.
    pub seq: Seq,
    pub item: Item,
    pub source: SourceId,
    /// The source's kind, `feed`.
    pub kind: String,
    /// When it was first read; alerts key on it, since old items arrive late.
    pub first_seen: Timestamp,
    /// Near-duplicate fingerprint of the text: copies of one text have close ones.
    pub fingerprint: u64,
    /// One for each watch that it matches. Never empty when it is accepted; later it may be: a watch
    /// that was edited may find nothing any more in what it found once, and a query that was
    /// narrowed by mistake must lose no mention.
    pub findings: Vec<Finding>,
    /// Increases when the source changes the text under the same identity.
    pub revision: u32,
}

impl Mention {
    pub fn event_time(&self) -> Timestamp {
        event_time(self.item.published, self.first_seen)
    }

    /// A hash of who speaks. Authors of different kinds are different authors. A mention without
    /// one counts as the source's own, so that a site that names nobody is one voice and not many.
    pub fn voice(&self) -> u64 {
        let author = self.item.author.as_ref().map(super::Author::identity);
        let known = author.filter(|name| !name.is_empty());
        let who = known.unwrap_or(self.source.as_str());
        let role = if known.is_some() { "author" } else { "source" };
        xxh3_64(format!("{role}\0{}\0{who}", self.kind).as_bytes())
    }
}

/// When it counts for scoring: its own time, but not more than 30 days before it was seen nor
/// after it was, since dates on the net are wrong in both directions.
pub fn event_time(published: Option<Timestamp>, seen: Timestamp) -> Timestamp {
    let oldest = seen.saturating_sub(jiff::SignedDuration::from_hours(30 * 24)).unwrap_or(seen);
    published.unwrap_or(seen).clamp(oldest, seen)
}
