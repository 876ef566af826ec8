//! The writing half: follows the change feed, commits its position with the documents, and starts
//! again from nothing when what is on disk cannot be trusted.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tantivy::{IndexWriter, Term};

use super::Result;
use super::generation::{generations, quarantine};
use super::opening::{Payload, commit_at, create, lock, resume, writer};
use super::schema::Fields;
use super::search::{Edition, Searcher};
use crate::store::{Change, Position};

/// Which store the view must belong to, and how far that store goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreMark<'a> {
    pub identity: &'a str,
    pub last: Position,
}

/// A view that is open, and how it was found.
pub struct Opened {
    pub view: IndexView,
    pub state: ViewState,
    /// Nobody closed it the last time: [`Searcher::validate`] it in the background.
    pub unclean: bool,
}

/// How a view was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewState {
    /// There was none: follow the feed from its start.
    Created,
    /// Go on from [`IndexView::position`].
    Current,
    /// What was there is set aside: follow the feed from its start.
    Rebuilding(RebuildReason),
}

/// Why what was on disk could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebuildReason {
    #[error("it was made by a vigie that analysed texts in another way")]
    SchemaChanged,
    #[error("it was made from another store")]
    OtherStore,
    #[error("it stands at {index}, after the store's last change {store}: a restored backup")]
    AheadOfStore { index: u64, store: u64 },
    #[error("it does not say how far it goes")]
    NoPosition,
    #[error("{0}")]
    Damaged(String),
}

impl RebuildReason {
    /// The value of the label `reason` of `vigie_index_rebuilds_total`.
    pub fn label(&self) -> &'static str {
        match self {
            RebuildReason::SchemaChanged => "schema",
            RebuildReason::OtherStore => "other_store",
            RebuildReason::AheadOfStore { .. } => "ahead",
            RebuildReason::NoPosition => "no_position",
            RebuildReason::Damaged(_) => "damaged",
        }
    }
}

/// The one writer of an index folder; holds its lock.
pub struct IndexView {
    dir: PathBuf,
    store: String,
    searcher: Searcher,
    /// Absent after a failure, until the next use makes a new one.
    writer: Option<IndexWriter>,
    committed: Position,
    applied: Position,
    lock: File,
}

impl IndexView {
    /// Opens the index of a store, or starts a new one.
    ///
    /// `dir` is the folder of all generations. What does not belong to this store, comes after
    /// its last change, has another schema or is damaged is set aside, never mended. A busy lock,
    /// a missing permission or a full disk is an error, and nothing is touched.
    pub fn open(dir: &Path, store: StoreMark<'_>, now: Timestamp) -> Result<Opened> {
        fs::create_dir_all(dir)?;
        let mut lock = lock(dir)?;
        let unclean = lock.metadata()?.len() > 0;
        let fields = Fields::new();
        let found = generations(dir)?;
        let (edition, writer, state) = match found.split_last() {
            None => {
                let (edition, writer) = create(dir, &fields, store.identity, 1)?;
                (edition, writer, ViewState::Created)
            }
            Some((newest, older)) => {
                // A kill between the steps of a rebuild can leave one behind.
                older.iter().try_for_each(|old| fs::remove_dir_all(&old.path))?;
                match resume(&fields, newest, store)? {
                    Ok((edition, writer)) => (edition, writer, ViewState::Current),
                    Err(reason) => {
                        quarantine(dir, &newest.path, now)?;
                        let next = newest.number + 1;
                        let (edition, writer) = create(dir, &fields, store.identity, next)?;
                        (edition, writer, ViewState::Rebuilding(reason))
                    }
                }
            }
        };
        if !unclean {
            lock.write_all(b"open\n")?;
        }
        let committed = edition.position;
        let view = IndexView {
            dir: dir.to_owned(),
            store: store.identity.to_owned(),
            searcher: Searcher::over(fields, edition),
            writer: Some(writer),
            committed,
            applied: committed,
            lock,
        };
        Ok(Opened { view, state, unclean })
    }

    /// A handle for searches, to be cloned at will.
    pub fn searcher(&self) -> Searcher {
        self.searcher.clone()
    }

    /// Where to read the change feed on from: the committed place after a start or a failure, the
    /// applied one otherwise.
    pub fn position(&self) -> Position {
        self.applied
    }

    /// The place that a kill cannot take back.
    pub fn committed(&self) -> Position {
        self.committed
    }

    /// Repeats changes up to a place of the feed; repeating them again changes nothing. They are
    /// found after the next [`IndexView::commit`].
    ///
    /// After an error everything since the last commit is forgotten: go on from
    /// [`IndexView::position`], which has gone back.
    pub fn apply(&mut self, changes: &[Change], upto: Position) -> Result<()> {
        let outcome = self.feed(changes);
        self.or_forget(outcome)?;
        self.applied = self.applied.max(upto);
        Ok(())
    }

    fn feed(&mut self, changes: &[Change]) -> Result<()> {
        self.ready()?;
        let fields = self.searcher.fields();
        let Some(writer) = &self.writer else { return Ok(()) };
        for change in changes {
            let seq = match change {
                Change::Put(mention) => mention.seq,
                Change::Delete { seq, .. } => *seq,
            };
            writer.delete_term(Term::from_field_u64(fields.seq, seq));
            if let Change::Put(mention) = change {
                writer.add_document(fields.document(mention))?;
            }
        }
        Ok(())
    }

    /// Makes everything applied durable and findable, and says up to where. Costs several syncs:
    /// every few seconds or ten thousand documents, not after each change.
    pub fn commit(&mut self) -> Result<Position> {
        if self.applied > self.committed {
            let outcome = self.commit_applied();
            self.or_forget(outcome)?;
        }
        Ok(self.committed)
    }

    fn commit_applied(&mut self) -> Result<()> {
        self.ready()?;
        let mut edition = self.searcher.edition();
        let payload = self.payload(&edition);
        let Some(writer) = &mut self.writer else { return Ok(()) };
        commit_at(writer, &payload)?;
        self.committed = self.applied;
        edition.position = self.committed;
        edition.reader.reload()?;
        self.searcher.replace(edition);
        Ok(())
    }

    /// Waits for running merges, and gives back the space of what they replaced.
    pub fn settle(&mut self) -> Result<()> {
        self.commit()?;
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads()?;
        }
        // Files that the reader still shows cannot go: it moves on first.
        self.searcher.edition().reader.reload()?;
        self.ready()?;
        if let Some(writer) = &self.writer {
            writer.garbage_collect_files().wait()?;
        }
        Ok(())
    }

    /// Sets the present index aside and starts an empty one; every searcher moves with it. For
    /// [`super::IndexError::Damaged`], files that [`Searcher::validate`] names, or on demand.
    pub fn rebuild(&mut self, now: Timestamp) -> Result<()> {
        self.forget();
        let old = self.searcher.edition().generation;
        if old.path.exists() {
            quarantine(&self.dir, &old.path, now)?;
        }
        let (edition, writer) =
            create(&self.dir, self.searcher.fields(), &self.store, old.number + 1)?;
        self.committed = edition.position;
        self.applied = edition.position;
        self.writer = Some(writer);
        self.searcher.replace(edition);
        Ok(())
    }

    /// Commits and marks the folder as left in order.
    pub fn close(mut self) -> Result<Position> {
        let position = self.commit()?;
        self.forget();
        self.lock.set_len(0)?;
        Ok(position)
    }

    fn payload(&self, edition: &Edition) -> Payload {
        Payload {
            position: self.applied,
            schema: edition.generation.schema.clone(),
            store: self.store.clone(),
            generation: edition.generation.number,
        }
    }

    /// A writer that met an error (a full disk kills it) is of no more use, and what it held is
    /// lost: the feed has it all.
    fn forget(&mut self) {
        self.writer = None;
        self.applied = self.committed;
    }

    fn or_forget<T>(&mut self, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() {
            self.forget();
        }
        outcome
    }

    fn ready(&mut self) -> Result<()> {
        if self.writer.is_none() {
            self.writer = Some(writer(&self.searcher.edition().index)?);
        }
        Ok(())
    }
}
