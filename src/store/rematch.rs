//! What is said between the store and whoever reads its past again for a watch that was edited.

use serde::Serialize;

use crate::model::{Finding, Seq, Timestamp, WatchId};

/// A configured watch, as the store needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchSeed {
    pub id: WatchId,
    /// All that decides what it finds.
    pub definition: String,
}

/// The right to read a piece of the past again for a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RematchLease {
    pub watch: WatchId,
    /// The fence: moves on with every claim, and with every edit.
    pub epoch: u64,
    pub until: Timestamp,
    /// What the watch is about since the edit.
    pub definition: String,
    /// The last sequence number that was read again.
    pub position: Seq,
    /// The last one that has to be: what came later was understood as the watch is now.
    pub target: Seq,
    /// How many mentions there are up to the target.
    pub total: u64,
}

/// A mention read again: what the watch finds in it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    pub seq: Seq,
    /// The text that was read. One that was revised meanwhile was understood as the watch is now.
    pub revision: u32,
    pub finding: Option<Finding>,
}

/// Some mentions read again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RematchBatch {
    /// All mentions up to this one are done.
    pub upto: Seq,
    /// How many mentions that were.
    pub read: u32,
    /// What is found in them; the ones left out stay as they are.
    pub mentions: Vec<Again>,
}

/// What a mention read again has become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Added,
    Replaced,
    Removed,
    Same,
    /// Revised or removed while it was read again.
    Overtaken,
}

impl Outcome {
    /// The value of the label `outcome` of `vigie_rematch_mentions_total`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Added => "added",
            Outcome::Replaced => "replaced",
            Outcome::Removed => "removed",
            Outcome::Same => "same",
            Outcome::Overtaken => "overtaken",
        }
    }
}

/// What a batch changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rematched {
    /// One for each mention of the batch, in its order.
    pub outcomes: Vec<Outcome>,
    /// The whole job after it.
    pub job: RematchStatus,
    /// This was the last one.
    pub ended: bool,
}

/// How far a watch is with reading the past again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RematchStatus {
    pub watch: WatchId,
    /// Mentions read again, of how many.
    pub read: u64,
    pub total: u64,
    /// Findings that were added, replaced and removed so far.
    pub added: u64,
    pub replaced: u64,
    pub removed: u64,
    /// When the watch was edited.
    pub started: Timestamp,
}

impl RematchStatus {
    /// Mentions that still have to be read again.
    pub fn remaining(&self) -> u64 {
        self.total.saturating_sub(self.read)
    }
}
