//! The store: the only truth. Everything else is derived from it and can be thrown away.

#[cfg(test)]
pub mod conformance;
mod error;
mod evaluation;
mod outbox;
mod rematch;
pub mod sqlite;
mod stories;

use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::model::{
    AsideKind, Incident, IncidentId, ItemKey, Listened, Mention, Seq, SourceId, Story, StoryId,
    Timestamp, Tone, Verdict, WatchId,
};
use crate::replay::Mark;
use crate::source::Cursor;

pub use error::{Result, StoreError};
pub use evaluation::{
    Checkpoint, Evaluation, IncidentQuery, StoredSignal, TimelineEntry, WatchLease, feedback,
};
pub use outbox::{OutboxLease, OutboxStatus, Settlement};
pub use rematch::{
    Again, Outcome, RematchBatch, RematchLease, RematchStatus, Rematched, WatchSeed,
};
pub use stories::{NewLead, RecentStory, StoryChange, StoryPage, StoryQuery};

/// One truth behind two engines. Every method is one transaction; whoever holds a lease whose
/// epoch has moved on writes nothing and is told so ([`StoreError::Fenced`]).
#[async_trait]
pub trait Store: Send + Sync {
    /// Made when the store was; an index built from another store must not be used with this one.
    async fn identity(&self) -> Result<String>;

    // Sources and polls.

    /// Makes the configured sources known. A known source keeps its cursor and its next poll
    /// (a restart must not poll early), unless its `fingerprint` changed; one that is no longer
    /// configured is kept but never claimed.
    async fn sync_sources(&self, sources: &[SourceSeed], now: Timestamp) -> Result<()>;

    /// Takes due sources, oldest first, at most one for each host, skipping hosts of which a
    /// source is leased: politeness is kept by holding the host.
    async fn claim_sources(
        &self,
        node: &str,
        limit: usize,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Vec<SourceLease>>;

    /// When the next source can be claimed: those of a leased host count from the end of the
    /// lease, so that whoever sleeps until then does not spin.
    async fn next_due(&self) -> Result<Option<Timestamp>>;

    /// Everything that one poll gave, in one transaction: mentions, counters, change feed, cursor,
    /// next poll, lease given back.
    async fn commit_poll(
        &self,
        lease: &SourceLease,
        poll: &Poll,
        now: Timestamp,
    ) -> Result<Committed>;

    /// Gives back every lease of this node, at a graceful stop and at start; whoever still holds
    /// one is fenced, and a message that was being sent becomes `unknown`.
    async fn release(&self, node: &str) -> Result<()>;

    async fn sources(&self) -> Result<Vec<SourceStatus>>;

    // Mentions.

    /// By sequence number; the ones that are gone are left out.
    async fn mentions(&self, seqs: &[Seq]) -> Result<Vec<Mention>>;

    /// Those after one sequence number and up to another, in order.
    async fn mentions_between(&self, after: Seq, upto: Seq, limit: usize) -> Result<Vec<Mention>>;

    async fn find_mentions(&self, query: &MentionQuery) -> Result<Vec<Mention>>;

    /// How many match, regardless of the query's limit.
    async fn count_mentions(&self, query: &MentionQuery) -> Result<u64>;

    /// How many mentions of a watch were set aside since an instant (included, by event time), by
    /// why; what there is none of is left out.
    async fn asides(&self, watch: &WatchId, since: Timestamp) -> Result<Vec<(AsideKind, u64)>>;

    /// Counters of a watch, of what counts, between two instants (start included, end not), by event time, summed
    /// into steps aligned to multiples of the step since 1970. To the minute: a minute belongs
    /// where it starts. Empty steps are left out.
    async fn buckets(
        &self,
        watch: &WatchId,
        since: Timestamp,
        until: Timestamp,
        step: Duration,
    ) -> Result<Vec<Bucket>>;

    // Change feed.

    /// What changed after a position, in order, and the position to go on from. A mention that
    /// was deleted since is left out here (its deletion follows), so a page may be empty although
    /// there is more: the end is where the position stays.
    async fn changes_after(&self, after: Position, limit: usize)
    -> Result<(Vec<Change>, Position)>;

    /// The position of the newest change.
    async fn last_position(&self) -> Result<Position>;

    // Stories: derived from the change feed by a follower.

    /// How far the stories follow the change feed.
    async fn stories_position(&self) -> Result<Position>;

    /// The stories told since an instant, by arrival, the last told first: what a follower has to
    /// remember. 0 means the store's own cap, 100,000.
    async fn recent_stories(&self, since: Timestamp, limit: usize) -> Result<Vec<RecentStory>>;

    /// The stories of mentions; those that are not yet followed are left out.
    async fn stories_of(&self, seqs: &[Seq]) -> Result<Vec<(Seq, StoryId)>>;

    /// What a page of the change feed did, in one transaction with the position; [`Fenced`] when
    /// somebody else went on from there, so that a page done twice changes nothing. Gives the
    /// stories whose lead is another mention now.
    ///
    /// [`Fenced`]: StoreError::Fenced
    async fn commit_stories(&self, page: &StoryPage) -> Result<Vec<NewLead>>;

    /// How stories spread, the most told first.
    async fn stories(&self, query: &StoryQuery) -> Result<Vec<Story>>;

    // Evaluation.

    /// Takes the right to evaluate a watch, with where the last evaluation stood.
    async fn claim_watch(
        &self,
        node: &str,
        watch: &WatchId,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<WatchLease>>;

    /// What the detector has to hear: findings of a watch after a sequence number, in order, but
    /// for those that are set aside; and among them those whose counts grew, each time that a poll
    /// saw it in the first three days.
    async fn signals_after(
        &self,
        watch: &WatchId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<StoredSignal>>;

    /// The outcome of one evaluation in one transaction: position, incident, timeline, outbox, and
    /// when the findings up to the position were heard. Whoever evaluates has listened until then.
    /// Gives the lease back: the next evaluation claims again.
    async fn commit_evaluation(
        &self,
        lease: &WatchLease,
        evaluation: &Evaluation,
        now: Timestamp,
    ) -> Result<()>;

    /// Since when the detector of a watch listens; `None` for a watch never claimed.
    async fn began(&self, watch: &WatchId) -> Result<Option<Timestamp>>;

    /// Keeps spans in which somebody listened, or how much longer they go on. What is older than
    /// two years is forgotten.
    async fn keep_listened(&self, spans: &[Listened]) -> Result<()>;

    /// The spans in which somebody listened, oldest first; at most the newest 100,000.
    async fn listened(&self) -> Result<Vec<Listened>>;

    // Reading the past again.

    /// Makes the configured watches known. One whose definition is not the one known starts to
    /// read the stored past again, from the beginning also when it was doing so; one that is no
    /// longer configured stops.
    async fn sync_watches(&self, watches: &[WatchSeed], now: Timestamp) -> Result<()>;

    /// Takes the oldest job that nobody holds. A job begins when the polls that were under way at
    /// the edit have ended: what they bring is read by the old definition, and is past too.
    async fn claim_rematch(
        &self,
        node: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<RematchLease>>;

    /// Some mentions read again, in one transaction: findings, counters, change feed, position.
    /// Gives the lease back. With the last one the detector of the watch is to be made again.
    async fn commit_rematch(
        &self,
        lease: &RematchLease,
        batch: &RematchBatch,
        now: Timestamp,
    ) -> Result<Rematched>;

    /// The jobs that are not at their end, oldest first.
    async fn rematches(&self) -> Result<Vec<RematchStatus>>;

    // Incidents.

    /// Newest first.
    async fn incidents(&self, query: &IncidentQuery) -> Result<Vec<Incident>>;

    async fn incident(&self, id: &IncidentId) -> Result<Option<Incident>>;

    /// What happened to an incident and to its messages, oldest first.
    async fn timeline(&self, id: &IncidentId) -> Result<Vec<TimelineEntry>>;

    // What people say.

    /// Keeps a verdict, and what it makes of the incident as it was read before: refused when that
    /// changed meanwhile. Whoever evaluates the watch is fenced, so that nobody decides past it.
    async fn judge(&self, before: &Incident, after: &Incident, verdict: &Verdict) -> Result<()>;

    /// The verdicts about a watch's incidents, newest first.
    async fn verdicts(&self, watch: &WatchId) -> Result<Vec<Verdict>>;

    /// Keeps a crisis that a team remembers; one of the same watch and beginning is replaced.
    async fn mark(&self, mark: &Mark) -> Result<()>;

    /// Forgets a mark; false when there is none of this watch and beginning.
    async fn unmark(&self, watch: &WatchId, at: Timestamp) -> Result<bool>;

    /// All marks, oldest first.
    async fn marks(&self) -> Result<Vec<Mark>>;

    // Outbox.

    /// Takes messages that are due on a channel, most urgent level first, then oldest.
    async fn claim_outbox(
        &self,
        node: &str,
        channel: &str,
        limit: usize,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Vec<OutboxLease>>;

    /// Says what became of a claimed message.
    async fn settle_outbox(
        &self,
        lease: &OutboxLease,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<()>;

    async fn outbox(&self) -> Result<Vec<OutboxStatus>>;

    // History and health.

    /// The append-only history of cursors, incidents and messages, oldest first.
    async fn audit_after(&self, after: u64, limit: usize) -> Result<Vec<AuditEntry>>;

    async fn health(&self) -> Result<StoreHealth>;

    /// Checks the whole store; the sentences say what is broken. Empty means sound.
    async fn verify(&self) -> Result<Vec<String>>;
}

/// A configured source, as the store needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSeed {
    pub id: SourceId,
    pub kind: &'static str,
    /// Registrable host: what is leased, so that one site is asked by one poll at a time.
    pub host: String,
    /// Changes when the source became another place (its URL), so that its cursor is void.
    pub fingerprint: String,
    /// When to poll first, if the store does not know the source yet.
    pub first_due: Timestamp,
}

/// The right to poll a source until `until`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLease {
    pub source: SourceId,
    /// The fence: moves on with every claim.
    pub epoch: u64,
    pub due: Timestamp,
    pub until: Timestamp,
    pub cursor: Cursor,
    /// Consecutive polls that failed.
    pub failures: u32,
    pub first_failure: Option<Timestamp>,
}

/// Everything that one poll gave.
#[derive(Debug, Clone)]
pub struct Poll {
    /// The label `result` of `vigie_source_polls_total`: `ok`, `not_modified`, `http_5xx`, …
    pub result: &'static str,
    /// For people, when it failed.
    pub error: Option<String>,
    /// `None` keeps the cursor: nothing was read.
    pub cursor: Option<Cursor>,
    pub next: Timestamp,
    pub mentions: Vec<Mention>,
    pub removed: Vec<ItemKey>,
    /// Items read; the ones without a mention matched nothing and are forgotten.
    pub items: u32,
}

impl Poll {
    pub fn succeeded(&self) -> bool {
        self.error.is_none()
    }
}

/// What a poll changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Keys of mentions that were not there before, with their new sequence numbers.
    pub accepted: Vec<(ItemKey, Seq)>,
    pub duplicates: u32,
    /// Known items whose text changed: they keep their place and get a revision.
    pub revised: u32,
    pub removed: u32,
}

/// How a source does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceStatus {
    pub id: SourceId,
    pub kind: String,
    pub host: String,
    /// False for one that left the configuration.
    pub configured: bool,
    pub next: Timestamp,
    pub last_poll: Option<Timestamp>,
    pub last_success: Option<Timestamp>,
    /// Last poll that brought a new mention, or items and a cursor that moved.
    pub last_new: Option<Timestamp>,
    pub failures: u32,
    pub first_failure: Option<Timestamp>,
    pub last_result: Option<String>,
    pub last_error: Option<String>,
    /// Its mentions of the seven days before the newest poll of any source, by event time: its
    /// share of what is heard.
    pub recent_mentions: u64,
}

/// Which mentions; all conditions hold together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MentionQuery {
    pub watch: Option<WatchId>,
    pub source: Option<SourceId>,
    pub tone: Option<Tone>,
    /// Only what is set aside, or only what counts; for the watch, or else for any.
    pub aside: Option<bool>,
    pub story: Option<StoryId>,
    /// By event time: start included, end not.
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// 0 means the store's own cap, 1,000. Newest first.
    pub limit: usize,
}

/// Counters of one step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bucket {
    pub start: Timestamp,
    pub total: u32,
    pub negative: u32,
    pub neutral: u32,
    pub positive: u32,
    pub mixed: u32,
}

/// A place in the change feed. Opaque: only the store makes and compares them.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize,
)]
pub struct Position(pub u64);

/// One change that a follower has to repeat.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The mention is new or revised: this is how it stands now.
    Put(Box<Mention>),
    /// The mention is gone.
    Delete { seq: Seq, key: ItemKey },
}

/// One line of the append-only history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    pub id: u64,
    pub at: Timestamp,
    /// `source`, `watch`, `rematch`, `incident`, `verdict`, `outbox`.
    pub subject: String,
    pub name: String,
    /// What it became, in the words of the subject (a cursor's sequence, a state).
    pub value: String,
}

/// How large the store is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct StoreHealth {
    pub bytes: u64,
    pub wal_bytes: u64,
    pub mentions: u64,
    /// Free space where the store lives; `None` when it is elsewhere.
    pub disk_free: Option<u64>,
    pub disk_total: Option<u64>,
}
