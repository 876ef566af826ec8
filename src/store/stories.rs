//! What a follower makes of the change feed: which mentions are copies of one text.

use super::Position;
use crate::model::{Mention, Seq, StoryId, Timestamp, Tone, WatchId};

/// A story that may still be copied.
#[derive(Debug, Clone, PartialEq)]
pub struct RecentStory {
    pub id: StoryId,
    /// When its last mention arrived.
    pub last: Timestamp,
    /// The mention that it is known by.
    pub lead: Mention,
}

/// What a follower made of a page of the change feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryPage {
    /// Where the follower stood, and where it stands after this.
    pub after: Position,
    pub upto: Position,
    pub changes: Vec<StoryChange>,
}

/// What one change of a mention did to the stories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoryChange {
    /// The mention belongs to this story and to no other; the first one makes the story.
    Tell { seq: Seq, story: StoryId, arrived: Timestamp },
    /// The mention is gone.
    Forget { seq: Seq },
}

/// A story whose lead went away: the mention that it is known by now, if any is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewLead {
    pub story: StoryId,
    pub lead: Option<Seq>,
}

/// Which stories; mentions outside of it are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryQuery {
    pub watch: Option<WatchId>,
    pub tone: Option<Tone>,
    /// Only what is set aside, or only what counts.
    pub aside: Option<bool>,
    /// By event time: start included, end not.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// 0 means the store's own cap, 1,000.
    pub limit: usize,
}
