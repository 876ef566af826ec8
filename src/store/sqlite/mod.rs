//! The embedded store: one SQLite file, one thread that writes, a few connections that read.

mod counters;
mod counts;
mod evaluation;
mod history;
mod incidents;
mod listened;
mod mentions;
mod migrate;
mod open;
mod outbox;
mod polls;
mod readers;
mod rematch;
mod row;
mod signals;
mod sources;
mod sql;
mod stories;
#[cfg(test)]
mod tests;
mod verdicts;
mod verify;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;

use super::{
    AuditEntry, Bucket, Change, Committed, Evaluation, IncidentQuery, MentionQuery, NewLead,
    OutboxLease, OutboxStatus, Poll, Position, RecentStory, RematchBatch, RematchLease,
    RematchStatus, Rematched, Result, Settlement, SourceLease, SourceSeed, SourceStatus, Store,
    StoreError, StoreHealth, StoredSignal, StoryPage, StoryQuery, TimelineEntry, WatchLease,
    WatchSeed,
};
use crate::model::{
    AsideKind, Incident, IncidentId, Listened, Mention, Seq, Story, StoryId, Timestamp, Verdict,
    WatchId,
};
use crate::replay::Mark;
use readers::Readers;
use writer::Writer;

/// A state directory that is open.
///
/// Dropping it writes what is queued, closes the database and gives the directory back, in this
/// order: the fields are dropped as they stand.
#[derive(Debug)]
pub struct SqliteStore {
    /// Absent when it was opened for reading only.
    writer: Option<Writer>,
    readers: Readers,
    directory: PathBuf,
    /// Held, never read: the operating system gives it back when the process dies.
    _lock: Option<File>,
}

impl SqliteStore {
    /// Opens a state directory, creating and migrating what is missing. Reads and checks the
    /// whole database when it is small, so call it where blocking is allowed.
    ///
    /// Errors: [`StoreError::InUse`], [`StoreError::Corrupt`], [`StoreError::Newer`], or what the
    /// file system says.
    pub fn open(directory: &Path) -> Result<SqliteStore> {
        open::directory(directory)?;
        let lock = open::lock(directory)?;
        let path = directory.join(open::DATABASE);
        let writer = Writer::start(open::writer(&path)?, &path)?;
        Ok(SqliteStore {
            writer: Some(writer),
            readers: Readers::new(path),
            directory: directory.to_owned(),
            _lock: Some(lock),
        })
    }

    /// Opens a state directory for reading only, also while a daemon uses it. Whatever would
    /// write is refused.
    pub fn open_reader(directory: &Path) -> Result<SqliteStore> {
        let path = directory.join(open::DATABASE);
        if !path.is_file() {
            let place = directory.display();
            return Err(StoreError::Io(format!(
                "there is no store in {place}: `vigie run` makes one, or name another directory"
            )));
        }
        let db = open::reader(&path)?;
        let found = migrate::found(&db)?;
        if found < migrate::KNOWN {
            return Err(StoreError::Refused(format!(
                "its schema {found} is older than {}: start `vigie run` once to upgrade it",
                migrate::KNOWN
            )));
        }
        Ok(SqliteStore {
            writer: None,
            readers: Readers::new(path),
            directory: directory.to_owned(),
            _lock: None,
        })
    }

    /// Opens a state directory for a person's few words beside the daemon that uses it: the database
    /// orders both, and an evaluation that did not know of a verdict is fenced. Makes and migrates
    /// nothing.
    pub fn open_beside(directory: &Path) -> Result<SqliteStore> {
        let mut store = SqliteStore::open_reader(directory)?;
        let path = directory.join(open::DATABASE);
        store.writer = Some(Writer::start(open::guest(&path)?, &path)?);
        Ok(store)
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.writer {
            Some(writer) => writer.write(work).await,
            None => Err(StoreError::Refused(
                "it is open for reading only; ask the running daemon".to_owned(),
            )),
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(work).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn identity(&self) -> Result<String> {
        self.read(history::identity).await
    }

    async fn sync_sources(&self, sources: &[SourceSeed], now: Timestamp) -> Result<()> {
        let sources = sources.to_vec();
        self.write(move |db| sources::sync(db, &sources, now)).await
    }

    async fn claim_sources(
        &self,
        node: &str,
        limit: usize,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Vec<SourceLease>> {
        let node = node.to_owned();
        self.write(move |db| sources::claim(db, &node, limit, ttl, now)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.read(sources::next_due).await
    }

    async fn commit_poll(
        &self,
        lease: &SourceLease,
        poll: &Poll,
        now: Timestamp,
    ) -> Result<Committed> {
        // Encoded here, so that the one thread that writes only writes.
        let poll = polls::Encoded::new(lease, poll)?;
        self.write(move |db| polls::commit(db, &poll, now)).await
    }

    async fn release(&self, node: &str) -> Result<()> {
        let node = node.to_owned();
        self.write(move |db| {
            sources::release(db, &node)?;
            evaluation::release(db, &node)?;
            rematch::release(db, &node)?;
            outbox::release(db, &node)
        })
        .await
    }

    async fn sources(&self) -> Result<Vec<SourceStatus>> {
        self.read(sources::statuses).await
    }

    async fn mentions(&self, seqs: &[Seq]) -> Result<Vec<Mention>> {
        let seqs = seqs.to_vec();
        self.read(move |db| mentions::by_seq(db, &seqs)).await
    }

    async fn mentions_between(&self, after: Seq, upto: Seq, limit: usize) -> Result<Vec<Mention>> {
        self.read(move |db| mentions::between(db, after, upto, limit)).await
    }

    async fn find_mentions(&self, query: &MentionQuery) -> Result<Vec<Mention>> {
        let query = query.clone();
        self.read(move |db| mentions::find(db, &query)).await
    }

    async fn count_mentions(&self, query: &MentionQuery) -> Result<u64> {
        let query = query.clone();
        self.read(move |db| mentions::count(db, &query)).await
    }

    async fn asides(&self, watch: &WatchId, since: Timestamp) -> Result<Vec<(AsideKind, u64)>> {
        let watch = watch.clone();
        self.read(move |db| mentions::asides(db, &watch, since)).await
    }

    async fn buckets(
        &self,
        watch: &WatchId,
        since: Timestamp,
        until: Timestamp,
        step: Duration,
    ) -> Result<Vec<Bucket>> {
        let watch = watch.clone();
        self.read(move |db| mentions::buckets(db, &watch, since, until, step)).await
    }

    async fn changes_after(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<(Vec<Change>, Position)> {
        self.read(move |db| mentions::changes_after(db, after, limit)).await
    }

    async fn last_position(&self) -> Result<Position> {
        self.read(mentions::last_position).await
    }

    async fn stories_position(&self) -> Result<Position> {
        self.read(stories::position).await
    }

    async fn recent_stories(&self, since: Timestamp, limit: usize) -> Result<Vec<RecentStory>> {
        self.read(move |db| stories::recent(db, since, limit)).await
    }

    async fn stories_of(&self, seqs: &[Seq]) -> Result<Vec<(Seq, StoryId)>> {
        let seqs = seqs.to_vec();
        self.read(move |db| stories::of(db, &seqs)).await
    }

    async fn commit_stories(&self, page: &StoryPage) -> Result<Vec<NewLead>> {
        let page = page.clone();
        self.write(move |db| stories::commit(db, &page)).await
    }

    async fn stories(&self, query: &StoryQuery) -> Result<Vec<Story>> {
        let query = query.clone();
        self.read(move |db| stories::find(db, &query)).await
    }

    async fn claim_watch(
        &self,
        node: &str,
        watch: &WatchId,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<WatchLease>> {
        let (node, watch) = (node.to_owned(), watch.clone());
        self.write(move |db| evaluation::claim(db, &node, &watch, ttl, now)).await
    }

    async fn signals_after(
        &self,
        watch: &WatchId,
        after: Seq,
        limit: usize,
    ) -> Result<Vec<StoredSignal>> {
        let watch = watch.clone();
        self.read(move |db| signals::after(db, &watch, after, limit)).await
    }

    async fn commit_evaluation(
        &self,
        lease: &WatchLease,
        evaluation: &Evaluation,
        now: Timestamp,
    ) -> Result<()> {
        let (lease, evaluation) = (lease.clone(), evaluation.clone());
        self.write(move |db| evaluation::commit(db, &lease, &evaluation, now)).await
    }

    async fn began(&self, watch: &WatchId) -> Result<Option<Timestamp>> {
        let watch = watch.clone();
        self.read(move |db| evaluation::began(db, &watch)).await
    }

    async fn keep_listened(&self, spans: &[Listened]) -> Result<()> {
        let spans = spans.to_vec();
        self.write(move |db| spans.iter().try_for_each(|span| listened::keep(db, span))).await
    }

    async fn listened(&self) -> Result<Vec<Listened>> {
        self.read(listened::spans).await
    }

    async fn sync_watches(&self, watches: &[WatchSeed], now: Timestamp) -> Result<()> {
        let watches = watches.to_vec();
        self.write(move |db| rematch::sync(db, &watches, now)).await
    }

    async fn claim_rematch(
        &self,
        node: &str,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Option<RematchLease>> {
        let node = node.to_owned();
        self.write(move |db| rematch::claim(db, &node, ttl, now)).await
    }

    async fn commit_rematch(
        &self,
        lease: &RematchLease,
        batch: &RematchBatch,
        now: Timestamp,
    ) -> Result<Rematched> {
        let (lease, batch) = (lease.clone(), batch.clone());
        self.write(move |db| rematch::commit(db, &lease, &batch, now)).await
    }

    async fn rematches(&self) -> Result<Vec<RematchStatus>> {
        self.read(rematch::statuses).await
    }

    async fn incidents(&self, query: &IncidentQuery) -> Result<Vec<Incident>> {
        let query = query.clone();
        self.read(move |db| incidents::find(db, &query)).await
    }

    async fn incident(&self, id: &IncidentId) -> Result<Option<Incident>> {
        let id = id.clone();
        self.read(move |db| incidents::one(db, &id)).await
    }

    async fn timeline(&self, id: &IncidentId) -> Result<Vec<TimelineEntry>> {
        let id = id.clone();
        self.read(move |db| incidents::timeline(db, &id)).await
    }

    async fn judge(&self, before: &Incident, after: &Incident, verdict: &Verdict) -> Result<()> {
        let (before, after, verdict) = (before.clone(), after.clone(), verdict.clone());
        self.write(move |db| verdicts::judge(db, &before, &after, &verdict)).await
    }

    async fn verdicts(&self, watch: &WatchId) -> Result<Vec<Verdict>> {
        let watch = watch.clone();
        self.read(move |db| verdicts::of(db, &watch)).await
    }

    async fn mark(&self, mark: &Mark) -> Result<()> {
        let mark = mark.clone();
        self.write(move |db| verdicts::mark(db, &mark)).await
    }

    async fn unmark(&self, watch: &WatchId, at: Timestamp) -> Result<bool> {
        let watch = watch.clone();
        self.write(move |db| verdicts::unmark(db, &watch, at)).await
    }

    async fn marks(&self) -> Result<Vec<Mark>> {
        self.read(verdicts::marks).await
    }

    async fn claim_outbox(
        &self,
        node: &str,
        channel: &str,
        limit: usize,
        ttl: Duration,
        now: Timestamp,
    ) -> Result<Vec<OutboxLease>> {
        let (node, channel) = (node.to_owned(), channel.to_owned());
        self.write(move |db| outbox::claim(db, &node, &channel, limit, ttl, now)).await
    }

    async fn settle_outbox(
        &self,
        lease: &OutboxLease,
        settlement: &Settlement,
        now: Timestamp,
    ) -> Result<()> {
        let (lease, settlement) = (lease.clone(), settlement.clone());
        self.write(move |db| outbox::settle(db, &lease, &settlement, now)).await
    }

    async fn outbox(&self) -> Result<Vec<OutboxStatus>> {
        self.read(outbox::statuses).await
    }

    async fn audit_after(&self, after: u64, limit: usize) -> Result<Vec<AuditEntry>> {
        self.read(move |db| history::audit_after(db, after, limit)).await
    }

    async fn health(&self) -> Result<StoreHealth> {
        let directory = self.directory.clone();
        self.read(move |db| history::health(db, &directory)).await
    }

    async fn verify(&self) -> Result<Vec<String>> {
        self.read(verify::verify).await
    }
}
