//! A story: mentions that are copies or near-copies of one text.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Seq, Timestamp};

/// Names a story: the sequence number of the mention that it began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoryId(pub Seq);

impl fmt::Display for StoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a story spread, counted from its mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    pub id: StoryId,
    /// The mention that it is known by: its oldest that still exists.
    pub lead: Seq,
    /// By event time, of all of its mentions.
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// Mentions that were asked for: of a watch, of a time.
    pub mentions: u64,
    pub sources: u64,
    pub authors: u64,
}
